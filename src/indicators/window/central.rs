//! Central moments up to the fourth, for skewness and kurtosis.

use crate::indicators::window::Aggregate;

/// The mean of some values and the sums of the second, third and fourth powers of their distances
/// from it.
///
/// Two summaries join without a look at the values (Pébay, Formulas for Robust, One-Pass Parallel
/// Computation of Covariances and Arbitrary-Order Statistical Moments, 2008), so that no digits are
/// lost to a mean far from zero. Values that are all the same have sums of exactly zero.
#[derive(Clone, Copy)]
pub struct CentralMoments {
    count: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl CentralMoments {
    /// Fisher and Pearson's skewness, adjusted for the size of the sample.
    #[inline]
    pub fn skewness(self) -> f64 {
        let n = self.count;
        let population = n.sqrt() * self.third / (self.second * self.second.sqrt());
        population * (n * (n - 1.0)).sqrt() / (n - 2.0)
    }

    /// The excess kurtosis, adjusted for the size of the sample.
    #[inline]
    pub fn kurtosis(self) -> f64 {
        let n = self.count;
        let population = n * self.fourth / (self.second * self.second) - 3.0;
        (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * population + 6.0)
    }
}

impl Aggregate for CentralMoments {
    type Value = f64;
    const EMPTY: Self = Self { count: 0.0, mean: 0.0, second: 0.0, third: 0.0, fourth: 0.0 };

    #[inline]
    fn of(value: f64, _reference: f64) -> Self {
        Self { count: 1.0, mean: value, ..Self::EMPTY }
    }

    #[inline]
    fn then(self, later: Self) -> Self {
        let (a, b) = (self.count, later.count);
        let n = a + b;
        let distance = later.mean - self.mean;
        let step = distance / n;
        let product = distance * step * a * b;
        Self {
            count: n,
            mean: self.mean + step * b,
            second: self.second + later.second + product,
            third: self.third
                + later.third
                + product * step * (a - b)
                + 3.0 * step * (a * later.second - b * self.second),
            fourth: self.fourth
                + later.fourth
                + product * step * step * (a * a - a * b + b * b)
                + 6.0 * step * step * (a * a * later.second + b * b * self.second)
                + 4.0 * step * (a * later.third - b * self.third),
        }
    }
}

//! Moments: mean, deviation, skew and kurtosis of a column of returns, and the ratios of the first two.

use crate::metrics::defined;
use crate::metrics::sums::{mean, sums};

/// Deviations smaller than this part of the mean are those of rounding: the values are equal.
const ROUNDING: f64 = 1e-12;

/// How a column of values lies about its mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: f64,
    mean: f64,
    /// Sums of the second, third and fourth powers of the differences from the mean.
    squares: f64,
    cubes: f64,
    fourths: f64,
}

impl Moments {
    /// The moments of a column, in two passes.
    pub fn of(values: &[f64]) -> Self {
        let Some(mean) = mean(values) else { return Self::default() };
        let powers = |value: f64| {
            let difference = value - mean;
            let square = difference * difference;
            [square, square * difference, square * square]
        };
        let [squares, cubes, fourths] = sums(values, powers);
        Self { count: values.len() as f64, mean, squares, cubes, fourths }
    }

    /// The mean. None without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.mean)
    }

    /// Standard deviation (of a sample: n - 1). None for fewer than two values.
    pub fn deviation(&self) -> Option<f64> {
        defined((self.squares / (self.count - 1.0)).sqrt()).filter(|_| self.count > 1.0)
    }

    /// [`Self::deviation`] where the values differ by more than rounding.
    pub fn spread(&self) -> Option<f64> {
        self.deviation().filter(|deviation| *deviation > ROUNDING * self.mean.abs())
    }

    /// Skewness, corrected for the sample's size (as pandas and quantstats). None for fewer than three
    /// values, and where they are equal.
    pub fn skew(&self) -> Option<f64> {
        let (n, squares) = (self.count, self.differing(3.0)?);
        defined(n * (n - 1.0).sqrt() / (n - 2.0) * self.cubes / squares.powf(1.5))
    }

    /// Excess kurtosis: 0 for a normal distribution; corrected for the sample's size (as pandas and
    /// quantstats). None for fewer than four values, and where they are equal.
    pub fn kurtosis(&self) -> Option<f64> {
        let (n, squares) = (self.count, self.differing(4.0)?);
        let rest = (n - 2.0) * (n - 3.0);
        let fourth = self.fourths / (squares * squares);
        defined(n * (n + 1.0) * (n - 1.0) / rest * fourth - 3.0 * (n - 1.0) * (n - 1.0) / rest)
    }

    /// The sum of squares of at least so many values that differ.
    fn differing(&self, least: f64) -> Option<f64> {
        self.spread().filter(|_| self.count >= least).map(|_| self.squares)
    }

    /// Standard deviation a year, as a fraction: that of a bar times the root of the bars of a year. None
    /// for fewer than two values.
    pub fn volatility(&self, periods_per_year: f64) -> Option<f64> {
        self.deviation().map(|deviation| deviation * periods_per_year.sqrt())
    }

    /// Mean over standard deviation: [`Self::sharpe`] of a bar. None where the values do not differ.
    pub fn return_over_deviation(&self) -> Option<f64> {
        defined(self.mean()? / self.spread()?)
    }

    /// Mean return over its standard deviation, a year; the risk-free rate is zero (as empyrical and
    /// quantstats). None where the returns do not differ.
    pub fn sharpe(&self, periods_per_year: f64) -> Option<f64> {
        self.return_over_deviation().map(|ratio| ratio * periods_per_year.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_by_hand() {
        // The differences from the mean of 3 are -2, -1, 0, 0 and 3.
        let moments = Moments::of(&[1.0, 2.0, 3.0, 3.0, 6.0]);
        assert_eq!((moments.mean(), moments.deviation()), (Some(3.0), Some(3.5_f64.sqrt())));
        let near =
            |ours: Option<f64>, by_hand: f64| assert!((ours.unwrap() - by_hand).abs() < 1e-12, "{ours:?} {by_hand}");
        near(moments.skew(), 5.0 * 2.0 / 3.0 * 18.0 / 14.0_f64.powf(1.5));
        near(moments.kurtosis(), 5.0 * 6.0 * 4.0 / 6.0 * 98.0 / (14.0 * 14.0) - 3.0 * 16.0 / 6.0);
    }

    #[test]
    fn what_too_few_or_equal_values_do_not_show_is_none() {
        let moments = Moments::of(&[]);
        assert_eq!((moments.mean(), moments.deviation(), moments.sharpe(252.0)), (None, None, None));
        let moments = Moments::of(&[0.1]);
        assert_eq!((moments.mean(), moments.deviation(), moments.skew()), (Some(0.1), None, None));
        let moments = Moments::of(&[0.1; 7]);
        assert_eq!(
            (moments.spread(), moments.sharpe(252.0), moments.skew(), moments.kurtosis()),
            (None, None, None, None)
        );
        assert_eq!(Moments::of(&[1.0, 2.0]).skew(), None);
        assert_eq!(Moments::of(&[1.0, 2.0, 4.0]).kurtosis(), None);
    }
}

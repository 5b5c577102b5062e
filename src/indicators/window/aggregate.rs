//! Summaries for sliding windows: sums, extremes, moments.

use crate::indicators::window::Aggregate;

/// The sum.
#[derive(Clone, Copy)]
pub struct Sum(pub f64);

impl Aggregate for Sum {
    type Value = f64;
    const EMPTY: Self = Self(0.0);
    const UNKNOWN: Self = Self(f64::NAN);

    #[inline(always)]
    fn of(value: f64, _reference: f64) -> Self {
        Self(value)
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        Self(self.0 + later.0)
    }
}

/// The highest value.
#[derive(Clone, Copy)]
pub struct Max(pub f64);

impl Aggregate for Max {
    type Value = f64;
    const EMPTY: Self = Self(f64::NEG_INFINITY);
    const UNKNOWN: Self = Self(f64::NAN);

    #[inline(always)]
    fn of(value: f64, _reference: f64) -> Self {
        Self(value)
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        if later.0 > self.0 { later } else { self }
    }
}

/// The lowest value.
#[derive(Clone, Copy)]
pub struct Min(pub f64);

impl Aggregate for Min {
    type Value = f64;
    const EMPTY: Self = Self(f64::INFINITY);
    const UNKNOWN: Self = Self(f64::NAN);

    #[inline(always)]
    fn of(value: f64, _reference: f64) -> Self {
        Self(value)
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        if later.0 < self.0 { later } else { self }
    }
}

/// The highest value with the bar that it came on, the latest where there are several. A bar brings
/// its value and its number.
#[derive(Clone, Copy)]
pub struct Latest {
    /// The highest value.
    pub value: f64,
    /// The number of its bar.
    pub bar: u64,
}

impl Aggregate for Latest {
    type Value = (f64, u64);
    const EMPTY: Self = Self { value: f64::NEG_INFINITY, bar: 0 };
    const UNKNOWN: Self = Self { value: f64::NAN, bar: 0 };

    #[inline(always)]
    fn of((value, bar): (f64, u64), _reference: (f64, u64)) -> Self {
        Self { value, bar }
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        if later.value >= self.value { later } else { self }
    }
}

/// The sums of the differences from the reference and of their squares.
///
/// The reference is one of the window's values, so its square distance from the mean is at most
/// `length` times the variance: the variance loses no more digits than `length` has, however far
/// from zero the values are. Values that are all the same have a variance of exactly zero.
#[derive(Clone, Copy)]
pub struct Moments {
    sum: f64,
    squares: f64,
}

impl Moments {
    /// The mean of `length` values.
    #[inline(always)]
    pub fn mean(self, reference: f64, length: usize) -> f64 {
        reference + self.sum / length as f64
    }

    /// The population variance of `length` values.
    #[inline(always)]
    pub fn variance(self, length: usize) -> f64 {
        // Multiplied, not divided: the root that mostly follows keeps the divider busy.
        let part = 1.0 / length as f64;
        let mean = self.sum * part;
        let variance = self.squares * part - mean * mean;
        if variance < 0.0 { 0.0 } else { variance }
    }
}

impl Aggregate for Moments {
    type Value = f64;
    const EMPTY: Self = Self { sum: 0.0, squares: 0.0 };
    const UNKNOWN: Self = Self { sum: f64::NAN, squares: f64::NAN };

    #[inline(always)]
    fn of(value: f64, reference: f64) -> Self {
        let difference = value - reference;
        Self { sum: difference, squares: difference * difference }
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        Self { sum: self.sum + later.sum, squares: self.squares + later.squares }
    }
}

/// The sums of the differences of two series from their references, of their squares and of their
/// products.
#[derive(Clone, Copy)]
pub struct Comoments {
    sum: [f64; 2],
    squares: [f64; 2],
    products: f64,
}

impl Comoments {
    /// The two population variances of `length` pairs.
    #[inline(always)]
    pub fn variances(self, length: usize) -> [f64; 2] {
        [0, 1].map(|i| Moments { sum: self.sum[i], squares: self.squares[i] }.variance(length))
    }

    /// The population covariance of `length` pairs.
    #[inline(always)]
    pub fn covariance(self, length: usize) -> f64 {
        let length = length as f64;
        self.products / length - self.sum[0] / length * (self.sum[1] / length)
    }
}

impl Aggregate for Comoments {
    type Value = [f64; 2];
    const EMPTY: Self = Self { sum: [0.0; 2], squares: [0.0; 2], products: 0.0 };
    const UNKNOWN: Self = Self { sum: [f64::NAN; 2], squares: [f64::NAN; 2], products: f64::NAN };

    #[inline(always)]
    fn of(value: [f64; 2], reference: [f64; 2]) -> Self {
        let sum = [value[0] - reference[0], value[1] - reference[1]];
        Self { sum, squares: sum.map(|d| d * d), products: sum[0] * sum[1] }
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        Self {
            sum: [self.sum[0] + later.sum[0], self.sum[1] + later.sum[1]],
            squares: [self.squares[0] + later.squares[0], self.squares[1] + later.squares[1]],
            products: self.products + later.products,
        }
    }
}

impl<A: Aggregate, B: Aggregate> Aggregate for (A, B) {
    type Value = (A::Value, B::Value);
    const EMPTY: Self = (A::EMPTY, B::EMPTY);
    const UNKNOWN: Self = (A::UNKNOWN, B::UNKNOWN);

    #[inline(always)]
    fn of(value: Self::Value, reference: Self::Value) -> Self {
        (A::of(value.0, reference.0), B::of(value.1, reference.1))
    }

    #[inline(always)]
    fn then(self, later: Self) -> Self {
        (self.0.then(later.0), self.1.then(later.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::window::Sliding;

    /// Values with a jump of nine orders of magnitude in them.
    fn values() -> Vec<f64> {
        (0..60).map(|i| f64::from(i * 7919 % 101) + if (20..25).contains(&i) { 1e9 } else { 0.0 }).collect()
    }

    fn every_window<A: Aggregate<Value = f64>>(check: impl Fn(&Sliding<A>, A, &[f64])) {
        let values = values();
        for length in [1, 2, 3, 7, 16] {
            let mut sliding = Sliding::<A>::new(length);
            for (bar, value) in values.iter().enumerate() {
                let summary = sliding.push(*value);
                assert_eq!(summary.is_some(), bar + 1 >= length);
                if let Some(summary) = summary {
                    check(&sliding, summary, &values[bar + 1 - length..=bar]);
                }
            }
        }
    }

    #[test]
    fn sums_and_extremes_are_those_of_the_window() {
        every_window::<Sum>(|_, sum, window| assert_eq!(sum.0, window.iter().sum::<f64>()));
        every_window::<Max>(|_, max, window| assert_eq!(max.0, window.iter().copied().fold(f64::MIN, f64::max)));
        every_window::<Min>(|_, min, window| assert_eq!(min.0, window.iter().copied().fold(f64::MAX, f64::min)));
    }

    #[test]
    fn moments_survive_a_jump() {
        every_window::<Moments>(|sliding, moments, window| {
            let length = window.len() as f64;
            let mean = window.iter().sum::<f64>() / length;
            let variance = window.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / length;
            assert!((moments.mean(sliding.reference(), window.len()) - mean).abs() <= 1e-15 * mean.abs());
            assert!((moments.variance(window.len()) - variance).abs() <= 1e-12 * variance, "{variance}");
        });
    }
}

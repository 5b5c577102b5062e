//! How two columns move together: regression and correlation.

use crate::metrics::defined;
use crate::metrics::sums::{mean, paired_sums};

/// The second moments of two columns about their means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comoments {
    /// The mean of the first column.
    pub first_mean: f64,
    /// The mean of the second.
    pub second_mean: f64,
    /// The sum of the squares of the first's differences from its mean.
    pub(super) first_squares: f64,
    /// That of the second's.
    pub(super) second_squares: f64,
    /// The sum of the products of both.
    pub(super) products: f64,
}

impl Comoments {
    /// The moments of two columns of one length. None without values.
    pub fn of(first: &[f64], second: &[f64]) -> Option<Self> {
        let (first_mean, second_mean) = (mean(first)?, mean(second)?);
        let [first_squares, second_squares, products] = paired_sums(first, second, |first, second| {
            let (first, second) = (first - first_mean, second - second_mean);
            [first * first, second * second, first * second]
        });
        Some(Self { first_mean, second_mean, first_squares, second_squares, products })
    }

    /// How much the first moves with a unit of the second: the slope of its regression. None where the
    /// second does not vary.
    pub fn beta(&self) -> Option<f64> {
        defined(self.products / self.second_squares)
    }

    /// Correlation, from -1 to 1. None where either does not vary.
    pub fn correlation(&self) -> Option<f64> {
        let scale = (self.first_squares * self.second_squares).sqrt();
        defined((self.products / scale).clamp(-1.0, 1.0))
    }
}

/// Correlation of each value with the one before it, from -1 to 1. None for fewer than three values, and
/// where they do not vary.
pub fn autocorrelation(values: &[f64]) -> Option<f64> {
    let pairs = values.len().checked_sub(1).filter(|pairs| *pairs > 1)?;
    Comoments::of(&values[..pairs], &values[1..])?.correlation()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again() {
        let second = [1.0, 2.0, 4.0, 8.0, 9.0];
        let first = second.map(|value| 3.0 - 2.0 * value);
        let both = Comoments::of(&first, &second).unwrap();
        assert!((both.beta().unwrap() + 2.0).abs() < 1e-12 && (both.correlation().unwrap() + 1.0).abs() < 1e-12);
        let flat = Comoments::of(&first, &[1.0; 5]).unwrap();
        assert_eq!((flat.beta(), flat.correlation()), (None, None));
        assert_eq!(Comoments::of(&[], &[]), None);
    }

    #[test]
    fn neighbours_that_alternate_are_opposed() {
        assert!((autocorrelation(&[1.0, -1.0, 1.0, -1.0, 1.0]).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!((autocorrelation(&[1.0, 2.0]), autocorrelation(&[1.0; 9])), (None, None));
    }
}

//! Numbers in fixed point: their sums are the same in whatever order they are added.

/// The sum of all stays below two to this power, so that an `i64` holds it.
const ROOM: f64 = 4_611_686_018_427_387_904.0;

/// Numbers as whole multiples of a power of two, as small a one as lets an `i64` hold the sum of all their sizes. Of a
/// hundred thousand numbers each keeps some 45 bits below the largest.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedPoint {
    /// The multiples.
    pub values: Vec<i64>,
    unit: f64,
}

impl FixedPoint {
    /// Finite numbers, each rounded to the nearest multiple.
    pub fn new(numbers: &[f64]) -> Self {
        let largest = numbers.iter().fold(0.0, |largest: f64, number| largest.max(number.abs()));
        // One number more than there are: rounding may add half a unit to each.
        let most = largest * (numbers.len() + 1) as f64;
        let exponent = if most > 0.0 { (ROOM / most).log2().floor().clamp(-1_000.0, 1_000.0) } else { 0.0 };
        let scale = exponent.exp2();
        Self { values: numbers.iter().map(|number| (number * scale).round() as i64).collect(), unit: 1.0 / scale }
    }

    /// What a sum of multiples stands for.
    pub fn number(&self, multiple: i64) -> f64 {
        multiple as f64 * self.unit
    }

    /// The sum of all.
    pub fn sum(&self) -> f64 {
        self.number(self.values.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn extremes_are_held() {
        for number in [0.0, 1.0, -3.5, f64::MAX / 4.0, 1e-200] {
            let fixed = FixedPoint::new(&[number, number, -number]);
            assert!((fixed.sum() - number).abs() <= 1e-15 * number.abs(), "{number}");
        }
        assert_eq!(FixedPoint::new(&[]).sum(), 0.0);
    }

    proptest! {
        #[test]
        fn sums_are_close_to_those_of_floats_and_the_same_in_any_order(
            numbers in proptest::collection::vec(-1e3..1e3_f64, 1..300),
        ) {
            let mut turned = numbers.clone();
            turned.reverse();
            let sum = FixedPoint::new(&numbers).sum();
            prop_assert_eq!(sum.to_bits(), FixedPoint::new(&turned).sum().to_bits());
            prop_assert!((sum - numbers.iter().sum::<f64>()).abs() < 1e-9);
        }
    }
}

//! Sums over columns: fast, and the same bits on every machine.

use crate::metrics::defined;
use crate::wide::wide;

/// How many sums run side by side, so that no addition waits for the one before it.
const LANES: usize = 4;

/// The sums of what `of` makes of each value.
pub(super) fn sums<const N: usize>(values: &[f64], of: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    paired_sums(values, values, |value, _| of(value))
}

/// The sums of what `of` makes of each pair of two columns; the longer one's rest is left out.
pub(super) fn paired_sums<const N: usize>(left: &[f64], right: &[f64], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    wide(|| in_lanes(left, right, of))
}

#[inline(always)]
fn in_lanes<const N: usize>(left: &[f64], right: &[f64], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let count = left.len().min(right.len());
    let ((left, left_rest), (right, right_rest)) =
        (left[..count].as_chunks::<LANES>(), right[..count].as_chunks::<LANES>());
    let mut lanes = [[0.0; LANES]; N];
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            let parts = of(left[lane], right[lane]);
            for (sum, part) in lanes.iter_mut().zip(parts) {
                sum[lane] += part;
            }
        }
    }
    let mut total = lanes.map(|lane| lane.iter().fold(0.0, |sum, part| sum + part));
    for (left, right) in left_rest.iter().zip(right_rest) {
        for (sum, part) in total.iter_mut().zip(of(*left, *right)) {
            *sum += part;
        }
    }
    total
}

/// The sum: 0 without values.
pub(super) fn total(values: &[f64]) -> f64 {
    let [sum] = sums(values, |value| [value]);
    sum
}

/// The mean. None without values.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    defined(total(values) / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_once() {
        for count in 0..20 {
            let values: Vec<f64> = (1..=count).map(f64::from).collect();
            let plain: f64 = values.iter().sum();
            assert_eq!(sums(&values, |value| [value, 1.0]), [plain, f64::from(count)]);
            assert_eq!(paired_sums(&values, &[1.0, 2.0], |a, b| [a * b])[0], [0.0, 1.0, 5.0][values.len().min(2)]);
        }
        assert_eq!((mean(&[]), mean(&[1.0, 2.0])), (None, Some(1.5)));
    }
}

//! The straight line of least squares through a window, which the `linearreg` family reads.
//!
//! Whatever is read of the line, its height somewhere or its slope, is a sum of the values with
//! weights that lie on a straight line themselves.

use crate::indicators::window::{LinearWeights, Weighted};

/// The height of the line through the last `length` values, at least two, at a place: 0 is that of the
/// oldest value.
pub fn height(length: usize, place: usize) -> Weighted {
    let (count, place) = (length as f64, place as f64);
    // Twice the distance of the place from the middle.
    let off = 2.0 * place - (count - 1.0);
    let first = count * count - 1.0 - 3.0 * off * (count + 1.0);
    Weighted::new(length, LinearWeights { first, step: 6.0 * off, divisor: divisor(count), total: 1.0 })
}

/// The slope of the line through the last `length` values, at least two.
pub fn slope(length: usize) -> Weighted {
    let count = length as f64;
    let first = -6.0 * (count + 1.0);
    Weighted::new(length, LinearWeights { first, step: 12.0, divisor: divisor(count), total: 0.0 })
}

/// What makes all weights whole numbers.
fn divisor(count: f64) -> f64 {
    count * (count * count - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_and_three_points_have_their_least_squares() {
        let (mut start, mut end, mut slope) = (height(3, 0), height(3, 2), slope(3));
        let lines = [1e6, 1e6 + 2.0, 1e6 + 4.0, 1e6 + 3.0].map(|v| [start.push(v), end.push(v), slope.push(v)]);
        assert!(lines[1].iter().all(|value| value.is_nan()));
        assert_eq!(lines[2], [1e6, 1e6 + 4.0, 2.0]);
        assert_eq!(lines[3], [1e6 + 2.5, 1e6 + 3.5, 0.5]);
    }
}

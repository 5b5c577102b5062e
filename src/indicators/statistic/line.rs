//! The straight line of least squares through a window, which the `linearreg` family reads.

use crate::indicators::window::{Sliding, Trend};

/// The line through the last values, the oldest of which stands at 0.
#[derive(Clone, Copy)]
pub struct Line {
    pub intercept: f64,
    pub slope: f64,
}

/// Fits a line to each window.
#[derive(Clone)]
pub struct LineFit {
    window: Sliding<Trend>,
    count: f64,
    /// The sum of the positions 0, 1, …
    positions: f64,
    /// The sum of the squares of their distances from their mean.
    spread: f64,
}

impl LineFit {
    /// Lines through `length` values, at least two.
    pub fn new(length: usize) -> Self {
        let count = length as f64;
        let spread = count * (count * count - 1.0) / 12.0;
        Self { window: Sliding::new(length), count, positions: count * (count - 1.0) / 2.0, spread }
    }

    /// Takes the next value and gives the line; none until the window is full.
    #[inline(always)]
    pub fn next(&mut self, value: f64) -> Option<Line> {
        let trend = self.window.push(value)?;
        let products = trend.weighted() - trend.sum();
        let mean = self.positions / self.count;
        let slope = (products - mean * trend.sum()) / self.spread;
        Some(Line { intercept: self.window.reference() + trend.sum() / self.count - slope * mean, slope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_and_three_points_have_their_least_squares() {
        let mut fit = LineFit::new(3);
        let lines: Vec<Option<Line>> = [1e6, 1e6 + 2.0, 1e6 + 4.0, 1e6 + 3.0].map(|value| fit.next(value)).into();
        assert!(lines[1].is_none());
        let (straight, bent) = (lines[2].unwrap(), lines[3].unwrap());
        assert_eq!((straight.intercept, straight.slope), (1e6, 2.0));
        assert_eq!((bent.intercept, bent.slope), (1e6 + 2.5, 0.5));
    }
}

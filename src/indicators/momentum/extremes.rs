//! How long ago the extremes of a window were, which `aroon` and `aroonosc` read.

use crate::indicators::window::{Latest, Sliding};

/// The high and the low of the last bars, and which bars they came on.
#[derive(Clone)]
pub struct Extremes {
    window: Sliding<(Latest, Latest)>,
    bar: u64,
    length: f64,
}

impl Extremes {
    /// Looks `length` bars back.
    pub fn new(length: usize) -> Self {
        Self { window: Sliding::new(length + 1), bar: 0, length: length as f64 }
    }

    /// Takes the next bar and gives how recent the lowest low and the highest high are: 100 on this
    /// bar, 0 on the oldest; none until the window is full. The latest of several counts.
    #[inline(always)]
    pub fn next(&mut self, [high, low]: [f64; 2]) -> Option<[f64; 2]> {
        self.bar += 1;
        let (highest, lowest) = self.window.push(((high, self.bar), (-low, self.bar)))?;
        Some([lowest, highest].map(|extreme| 100.0 * (self.length - (self.bar - extreme.bar) as f64) / self.length))
    }
}

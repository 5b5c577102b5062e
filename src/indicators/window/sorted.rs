//! The last so many values, in the order of their size.

use crate::indicators::window::Lag;

/// Keeps the last `length` values sorted. A new value costs two binary searches and the move of what
/// lies between its place and that of the value that leaves: O(length) at worst, and a few
/// nanoseconds for the lengths that are used.
#[derive(Clone)]
pub struct Sorted {
    arrivals: Lag,
    sorted: Vec<f64>,
    length: usize,
}

impl Sorted {
    /// Remembers `length` values, at least one.
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self { arrivals: Lag::new(length), sorted: Vec::with_capacity(length), length }
    }

    /// The last values, the lowest first; none until there are `length`.
    #[inline]
    pub fn values(&self) -> Option<&[f64]> {
        (self.sorted.len() == self.length).then_some(&self.sorted)
    }

    /// Takes the next value and gives the window, the lowest value first; none until it is full.
    #[inline]
    pub fn push(&mut self, value: f64) -> Option<&[f64]> {
        let old = self.arrivals.push(value);
        let to = self.place(value);
        if self.sorted.len() < self.length {
            self.sorted.insert(to, value);
            return self.values();
        }
        let from = self.place(old);
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = value;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = value;
        }
        self.values()
    }

    /// Where a value stands or would stand: before everything that is not lower.
    fn place(&self, value: f64) -> usize {
        self.sorted.partition_point(|other| *other < value)
    }
}

/// The value below which a fraction of sorted values lies, on a straight line between its two
/// neighbours.
#[inline]
pub fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let position = fraction * sorted.len().saturating_sub(1) as f64;
    let below = position.floor();
    let at = |index: f64| sorted.get(index as usize).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(below), at(position.ceil()));
    if low == high { low } else { low + (high - low) * (position - below) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_sorting_each_window_gives() {
        let values: Vec<f64> = (0..80).map(|i| f64::from(i * 7919 % 23)).collect();
        for length in [1, 2, 7, 20] {
            let mut sorted = Sorted::new(length);
            for bar in 0..values.len() {
                let mut expected = values[(bar + 1).saturating_sub(length)..=bar].to_vec();
                expected.sort_by(f64::total_cmp);
                let expected = (expected.len() == length).then_some(expected);
                assert_eq!(sorted.push(values[bar]).map(<[f64]>::to_vec), expected);
            }
        }
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!(
            [0.0, 0.25, 0.5, 0.6, 1.0].map(|f| quantile(&sorted, f)),
            [1.0, 2.0, 4.0, 4.0 + 4.0 * (2.4 - 2.0), 16.0]
        );
    }
}

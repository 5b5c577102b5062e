//! The values of a window in order of size.

use std::mem;

/// The last so many values, sorted. A new value costs two binary searches and the move of what lies
/// between its place and that of the value that leaves: O(length) at worst, and a few nanoseconds
/// for the lengths that are used.
#[derive(Clone)]
pub struct Ordered {
    /// In order of age, around the end; the oldest stands at `position`.
    values: Box<[f64]>,
    position: usize,
    sorted: Vec<f64>,
}

impl Ordered {
    /// A window of `length` values, at least one.
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self { values: vec![0.0; length].into(), position: 0, sorted: Vec::with_capacity(length) }
    }

    /// Takes the next value; the oldest leaves a full window.
    #[inline]
    pub fn push(&mut self, value: f64) {
        let oldest = mem::replace(&mut self.values[self.position], value);
        self.position = (self.position + 1) % self.values.len();
        let to = self.sorted.partition_point(|other| *other < value);
        if self.sorted.len() < self.values.len() {
            self.sorted.insert(to, value);
            return;
        }
        let from = self.sorted.partition_point(|other| *other < oldest);
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = value;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = value;
        }
    }

    /// The values of a full window, the least first; none until it is full.
    #[inline]
    pub fn sorted(&self) -> Option<&[f64]> {
        (self.sorted.len() == self.values.len()).then_some(&self.sorted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_window_sorted() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i * 7919 % 23)).collect();
        for length in [1, 2, 5, 30] {
            let mut ordered = Ordered::new(length);
            for (bar, value) in values.iter().enumerate() {
                ordered.push(*value);
                if bar + 1 < length {
                    assert!(ordered.sorted().is_none());
                    continue;
                }
                let mut window = values[bar + 1 - length..=bar].to_vec();
                window.sort_by(f64::total_cmp);
                assert_eq!(ordered.sorted(), Some(&window[..]), "bar {bar} over {length}");
            }
        }
    }
}

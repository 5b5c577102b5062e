//! The value so many bars ago.

use std::mem;

/// Gives back each value so many pushes later.
#[derive(Clone)]
pub struct Lag {
    values: Box<[f64]>,
    position: usize,
}

impl Lag {
    /// Remembers `length` values, at least one.
    pub fn new(length: usize) -> Self {
        Self { values: vec![f64::NAN; length.max(1)].into(), position: 0 }
    }

    /// Takes the next value and gives the one `length` pushes ago; NaN where there is none yet.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> f64 {
        let old = mem::replace(&mut self.values[self.position], value);
        self.position += 1;
        if self.position == self.values.len() {
            self.position = 0;
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_pushed() {
        let mut lag = Lag::new(2);
        let old: Vec<f64> = (0..5).map(|i| lag.push(f64::from(i))).collect();
        assert!(old[0].is_nan() && old[1].is_nan());
        assert_eq!(old[2..], [0.0, 1.0, 2.0]);
    }
}

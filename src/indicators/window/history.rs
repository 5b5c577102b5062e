//! The last so many values, in the order in which they came.

/// Remembers the last `length` values as one slice: each is written twice, half the memory apart, so
/// that no window is torn.
#[derive(Clone)]
pub struct History {
    values: Box<[f64]>,
    position: usize,
    full: bool,
}

impl History {
    /// Remembers `length` values, at least one.
    pub fn new(length: usize) -> Self {
        Self { values: vec![f64::NAN; 2 * length.max(1)].into(), position: 0, full: false }
    }

    /// Takes the next value and gives the window, the oldest value first; none until it is full.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> Option<&[f64]> {
        let length = self.values.len() / 2;
        self.values[self.position] = value;
        self.values[self.position + length] = value;
        self.position += 1;
        let begin = self.position;
        if begin == length {
            self.position = 0;
            self.full = true;
        }
        self.full.then(|| &self.values[begin..begin + length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order() {
        for length in [1, 2, 3, 5] {
            let mut history = History::new(length);
            let values: Vec<f64> = (0..17).map(f64::from).collect();
            for bar in 0..values.len() {
                let expected = (bar + 1).checked_sub(length).map(|from| &values[from..=bar]);
                assert_eq!(history.push(values[bar]), expected);
            }
        }
    }
}

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
        let length = self.length();
        self.values[self.position] = value;
        self.values[self.position + length] = value;
        self.position += 1;
        if self.position == length {
            self.position = 0;
            self.full = true;
        }
        self.last(length)
    }

    /// How many values fill it.
    #[inline]
    pub fn length(&self) -> usize {
        self.values.len() / 2
    }

    /// The last `count` values, the newest last; none before it is full, or of more than it holds.
    #[inline(always)]
    pub fn last(&self, count: usize) -> Option<&[f64]> {
        let end = self.position + self.length();
        if self.full && count <= self.length() { self.values.get(end - count..end) } else { None }
    }
}

/// The sum of a term of each value, of eight beside eight: one after the other, each would wait for the one
/// before.
#[inline(always)]
pub fn sum_of(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += term(*value);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let whole = ((a + e) + (c + g)) + ((b + f) + (d + h));
    rest.iter().fold(whole, |sum, value| sum + term(*value))
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
                for count in 0..=length {
                    let expected = (bar + 1 >= length).then(|| &values[bar + 1 - count..=bar]);
                    assert_eq!(history.last(count), expected);
                }
                assert!(history.last(length + 1).is_none());
            }
        }
    }
}

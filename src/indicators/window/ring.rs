//! The last values, in order of age.

/// The last values, of which any number of the newest lie side by side.
#[derive(Clone)]
pub struct Ring {
    /// Every value stands here twice, `length` apart, so that no run of them is broken.
    values: Box<[f64]>,
    length: usize,
    position: usize,
    full: bool,
}

impl Ring {
    /// Remembers `length` values, at least one.
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self { values: vec![f64::NAN; 2 * length].into(), length, position: 0, full: false }
    }

    /// How many values fill it.
    #[inline]
    pub fn length(&self) -> usize {
        self.length
    }

    /// Takes the next value; the oldest leaves a full ring.
    #[inline(always)]
    pub fn push(&mut self, value: f64) {
        self.values[self.position] = value;
        self.values[self.position + self.length] = value;
        self.position += 1;
        if self.position == self.length {
            self.position = 0;
            self.full = true;
        }
    }

    /// The last `count` values, the newest last; none before the ring is full, or of more than it holds.
    #[inline(always)]
    pub fn last(&self, count: usize) -> Option<&[f64]> {
        let end = self.position + self.length;
        if self.full && count <= self.length { self.values.get(end - count..end) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_newest_values_in_order_once_it_is_full() {
        for length in [1, 2, 5] {
            let mut ring = Ring::new(length);
            let values: Vec<f64> = (0..23).map(f64::from).collect();
            for (bar, value) in values.iter().enumerate() {
                ring.push(*value);
                for count in 0..=length {
                    let expected = (bar + 1 >= length).then(|| &values[bar + 1 - count..=bar]);
                    assert_eq!(ring.last(count), expected, "{count} of {length}, bar {bar}");
                }
                assert!(ring.last(length + 1).is_none());
            }
        }
    }
}

//! Causal alignment: which coarser bar may be seen from a finer one.

/// For each base bar, the last coarse bar that is complete when the base bar is.
///
/// A coarse bar is visible on a base bar when its close instant is at or before the base bar's close
/// instant, and it holds until the next one.
///
/// ```
/// use timeweave::time::Alignment;
///
/// // Two coarse bars, complete at 3 and 6; base bars complete at 1, 2, …, 6.
/// let alignment = Alignment::new(&[3, 6], &[1, 2, 3, 4, 5, 6]);
/// assert_eq!(alignment.get(1), None);
/// assert_eq!(alignment.get(2), Some(0));
/// assert_eq!(alignment.get(5), Some(1));
/// assert_eq!(alignment.spread(&[10.0, 20.0])[2..], [10.0, 10.0, 10.0, 20.0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// One more than the index of the coarse bar; 0 for none. A quarter of the size of an `Option<usize>`.
    visible: Vec<u32>,
}

impl Alignment {
    /// Aligns coarse bars with base bars from their close instants, neither of which decreases.
    /// Linear time. At most 4 billion coarse bars.
    pub fn new(coarse_close_instants: &[i64], base_close_instants: &[i64]) -> Self {
        let mut closed = 0;
        let visible = base_close_instants.iter().map(|now| {
            while coarse_close_instants.get(closed as usize).is_some_and(|close| close <= now) {
                closed += 1;
            }
            closed
        });
        Self { visible: visible.collect() }
    }

    /// The same, where a coarse bar counts until an instant of its own: on base bars that close later none is
    /// visible.
    #[must_use]
    pub fn until(mut self, last_instants: &[i64], base_close_instants: &[i64]) -> Self {
        for (visible, now) in self.visible.iter_mut().zip(base_close_instants) {
            let last = visible.checked_sub(1).and_then(|bar| last_instants.get(bar as usize));
            if last.is_some_and(|last| last < now) {
                *visible = 0;
            }
        }
        self
    }

    /// How many base bars.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// No base bars at all.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// The coarse bar that is visible on a base bar; `None` while none is, and past the last base bar.
    pub fn get(&self, base_bar: usize) -> Option<usize> {
        self.visible.get(base_bar).and_then(|bar| bar.checked_sub(1)).map(|bar| bar as usize)
    }

    /// [`Alignment::get`] for every base bar, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<usize>> {
        self.visible.iter().map(|bar| bar.checked_sub(1).map(|bar| bar as usize))
    }

    /// A coarse column as the base bars see it: a number a base bar, NaN where no coarse bar is visible.
    pub fn spread(&self, coarse: &[f64]) -> Vec<f64> {
        self.iter().map(|bar| bar.and_then(|bar| coarse.get(bar)).copied().unwrap_or(f64::NAN)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_counts_until_an_instant_is_visible_at_it_and_not_after() {
        let base = [1, 2, 3, 4, 5, 6];
        let alignment = Alignment::new(&[2, 5], &base).until(&[3, 9], &base);
        let visible: Vec<_> = alignment.iter().collect();
        assert_eq!(visible, [None, Some(0), Some(0), None, Some(1), Some(1)]);
    }
}

//! Columns: one number a bar, and from which bar on none is missing.

use std::fmt;
use std::ops::Deref;
use std::slice::Iter;
use std::sync::{Arc, OnceLock};

use arrow_buffer::ScalarBuffer;

/// One number a bar; NaN where there is none. Cheap to clone, shared with Arrow without a copy.
///
/// ```
/// use timeweave::data::Column;
///
/// let closes = Column::from(vec![10.0, 10.5, 9.75]);
/// assert_eq!(closes[1], 10.5);
/// assert_eq!(closes.slice(1, 2), Column::from(vec![10.5, 9.75]));
/// ```
#[derive(Clone)]
pub struct Column {
    values: ScalarBuffer<f64>,
    /// From which bar on every value is finite, once somebody has looked. Clones share it: however many
    /// indicators read a column, only the first looks for gaps.
    known_from: Arc<OnceLock<usize>>,
}

impl Column {
    /// `length` values from the one at `offset` on, in the same memory.
    ///
    /// # Panics
    /// Where there are not so many, as with a slice.
    #[must_use]
    pub fn slice(&self, offset: usize, length: usize) -> Self {
        let slice = Self::from(self.values.slice(offset, length));
        if let Some(bar) = self.known_from() {
            slice.set_known_from(bar.saturating_sub(offset).min(length));
        }
        slice
    }

    /// The memory that the values lie in, as Arrow has it.
    pub fn values(&self) -> &ScalarBuffer<f64> {
        &self.values
    }

    /// From which bar on every value is finite, where that is known; there may be gaps before it, or none.
    pub(crate) fn known_from(&self) -> Option<usize> {
        self.known_from.get().copied()
    }

    /// Says that every value from `bar` on is finite. What was said first stays.
    pub(crate) fn set_known_from(&self, bar: usize) {
        debug_assert!(self[bar..].iter().all(|value| value.is_finite()), "a gap from bar {bar} on");
        self.known_from.get_or_init(|| bar);
    }
}

impl Deref for Column {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.values
    }
}

impl AsRef<[f64]> for Column {
    fn as_ref(&self) -> &[f64] {
        self
    }
}

impl From<ScalarBuffer<f64>> for Column {
    fn from(values: ScalarBuffer<f64>) -> Self {
        Self { values, known_from: Arc::default() }
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        ScalarBuffer::from(values).into()
    }
}

impl FromIterator<f64> for Column {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        values.into_iter().collect::<ScalarBuffer<f64>>().into()
    }
}

impl<'a> IntoIterator for &'a Column {
    type Item = &'a f64;
    type IntoIter = Iter<'a, f64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Column {
    /// Whether all values are equal, as numbers: a gap equals nothing.
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_column_is_known_of_its_clones_and_parts() {
        let column = Column::from(vec![1.0, f64::NAN, 3.0, 4.0, 5.0]);
        let (clone, part) = (column.clone(), column.slice(1, 3));
        assert_eq!(column.known_from(), None);
        column.set_known_from(2);
        assert_eq!((clone.known_from(), part.known_from()), (Some(2), None));
        let parts = [(0, 5), (0, 1), (1, 3), (3, 2)].map(|(offset, length)| column.slice(offset, length));
        assert_eq!(parts.map(|part| part.known_from()), [Some(2), Some(1), Some(1), Some(0)]);
    }

    #[test]
    fn columns_are_equal_by_their_numbers_and_parts_lie_where_the_whole_lies() {
        let column = Column::from(vec![1.0, 2.0, 3.0]);
        assert_eq!(column, [1.0, 2.0, 3.0].into_iter().collect());
        assert_ne!(column, Column::from(vec![1.0, f64::NAN, 3.0]));
        assert_eq!(column.slice(1, 2).as_ptr().addr(), column[1..].as_ptr().addr());
    }
}

//! Instants of a timeline, which share the memory of the bars that they come from.

use std::fmt;
use std::ops::Deref;
use std::slice::Iter;

use arrow_buffer::ScalarBuffer;
use bytemuck::TransparentWrapper;

use crate::time::Timestamp;

/// Instants, in UTC to the microsecond. Cheap to clone; those of bars are not copied.
#[derive(Clone, PartialEq)]
pub struct Instants(ScalarBuffer<i64>);

impl Deref for Instants {
    type Target = [Timestamp];

    fn deref(&self) -> &[Timestamp] {
        Timestamp::wrap_slice(&self.0)
    }
}

impl From<ScalarBuffer<i64>> for Instants {
    /// From microseconds since 1970, as [`crate::data::Bars`] hold them.
    fn from(instants: ScalarBuffer<i64>) -> Self {
        Self(instants)
    }
}

impl FromIterator<Timestamp> for Instants {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(instants: I) -> Self {
        Self(instants.into_iter().map(|instant| instant.0).collect())
    }
}

impl<'a> IntoIterator for &'a Instants {
    type Item = &'a Timestamp;
    type IntoIter = Iter<'a, Timestamp>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Instants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_the_bars_and_lie_where_they_lie() {
        let bars: ScalarBuffer<i64> = vec![-5, 0, 7].into();
        let instants = Instants::from(bars.clone());
        assert_eq!(*instants, [Timestamp(-5), Timestamp(0), Timestamp(7)]);
        assert_eq!(instants.as_ptr().addr(), bars.as_ptr().addr());
        assert_eq!(instants, instants.iter().copied().collect());
    }
}

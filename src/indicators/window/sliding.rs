//! Aggregates over the last so many bars: O(1) a bar on average, and without drift.

/// What is kept of neighbouring values: a summary that joins with the summary of the values after it.
pub trait Aggregate: Copy {
    /// What a bar brings.
    type Value: Copy + Default;
    /// The summary of no values.
    const EMPTY: Self;

    /// The summary of one value. `reference` is a value of the same window: sums of differences from
    /// it do not lose the digits that sums of the values would.
    fn of(value: Self::Value, reference: Self::Value) -> Self;

    /// The summary of these values and of `later` ones.
    #[must_use]
    fn then(self, later: Self) -> Self;
}

/// The summary of the last `length` values.
///
/// A running sum that adds what comes and subtracts what goes drifts away from the truth with every
/// bar. So nothing is ever subtracted here. Values are taken in blocks of `length`. The window is
/// the end of the last block and the beginning of this one: the summaries of all ends are prepared
/// once, when a block is complete, and the beginning grows by one value a bar. That is two joins a
/// bar and a third on average, without a branch that depends on the values.
#[derive(Clone)]
pub struct Sliding<A: Aggregate> {
    /// The values of this block, up to `position`.
    values: Box<[A::Value]>,
    /// From `position` on: the summary of the last block's values from there to its end.
    ends: Box<[A]>,
    /// The summary of this block.
    beginning: A,
    position: usize,
    /// The last value of the last block: it is in every window until this block is complete.
    reference: A::Value,
    full: bool,
}

impl<A: Aggregate> Sliding<A> {
    /// A window of `length` values, at least one.
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self {
            values: vec![A::Value::default(); length].into(),
            ends: vec![A::EMPTY; length].into(),
            beginning: A::EMPTY,
            position: 0,
            reference: A::Value::default(),
            full: false,
        }
    }

    /// Takes the next value and gives the summary of the window; none until it is full.
    #[inline(always)]
    pub fn push(&mut self, value: A::Value) -> Option<A> {
        self.values[self.position] = value;
        self.position += 1;
        if self.position == self.values.len() {
            return Some(self.turn(value));
        }
        self.beginning = self.beginning.then(A::of(value, self.reference));
        self.full.then(|| self.ends[self.position].then(self.beginning))
    }

    /// The value that the summary's differences are taken from.
    #[inline]
    pub fn reference(&self) -> A::Value {
        self.reference
    }

    /// The values of a full window, the newest of which stands somewhere among them.
    #[inline]
    pub fn values(&self) -> &[A::Value] {
        &self.values
    }

    /// How many values fill it.
    #[inline]
    pub fn length(&self) -> usize {
        self.values.len()
    }

    /// Ends the block with `last`: from here on, windows begin in it.
    fn turn(&mut self, last: A::Value) -> A {
        let mut end = A::EMPTY;
        for (slot, value) in self.ends.iter_mut().zip(&self.values).rev() {
            end = A::of(*value, last).then(end);
            *slot = end;
        }
        self.reference = last;
        self.beginning = A::EMPTY;
        self.position = 0;
        self.full = true;
        end
    }
}

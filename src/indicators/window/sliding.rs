//! Aggregates over the last so many bars: O(1) a bar on average, and without drift.

/// What is kept of neighbouring values: a summary that joins with the summary of the values after it.
pub trait Aggregate: Copy {
    /// What a bar brings.
    type Value: Copy + Default;
    /// The summary of no values.
    const EMPTY: Self;
    /// What [`Sliding::slide`] gives before there is a window: NaN, and NaN with whatever comes after
    /// it. What is only asked for with [`Sliding::push`] needs none.
    const UNKNOWN: Self = Self::EMPTY;

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
            ends: vec![A::UNKNOWN; length].into(),
            beginning: A::EMPTY,
            position: 0,
            reference: A::Value::default(),
            full: false,
        }
    }

    /// Takes the next value and gives the summary of the window; none until it is full.
    #[inline(always)]
    pub fn push(&mut self, value: A::Value) -> Option<A> {
        let summary = self.slide(value);
        self.full.then_some(summary)
    }

    /// Takes the next value and gives the summary of the window; [`Aggregate::UNKNOWN`] until it is
    /// full. It is `push` with one question less.
    #[inline(always)]
    pub fn slide(&mut self, value: A::Value) -> A {
        self.values[self.position] = value;
        self.position += 1;
        let Some(end) = self.ends.get(self.position) else {
            self.reference = value;
            self.beginning = A::EMPTY;
            self.position = 0;
            self.full = true;
            return summarise_ends(&self.values, value, &mut self.ends);
        };
        self.beginning = self.beginning.then(A::of(value, self.reference));
        end.then(self.beginning)
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
}

/// Summarises all ends of a block, the longest of which is the block itself.
#[inline(always)]
fn summarise_ends<A: Aggregate>(values: &[A::Value], reference: A::Value, ends: &mut [A]) -> A {
    let mut end = A::EMPTY;
    let join = |value: &A::Value, end: A| A::of(*value, reference).then(end);
    // Four at a time: the next four wait for one join then, not for four.
    let (mut slots, mut fours) = (ends.rchunks_exact_mut(4), values.rchunks_exact(4));
    for (slots, four) in slots.by_ref().zip(fours.by_ref()) {
        if let ([a_slot, b_slot, c_slot, d_slot], [a, b, c, d]) = (slots, four) {
            let d_on = A::of(*d, reference);
            let c_on = join(c, d_on);
            let b_on = join(b, c_on);
            let a_on = join(a, b_on);
            *d_slot = d_on.then(end);
            *c_slot = c_on.then(end);
            *b_slot = b_on.then(end);
            end = a_on.then(end);
            *a_slot = end;
        }
    }
    for (slot, value) in slots.into_remainder().iter_mut().zip(fours.remainder()).rev() {
        end = join(value, end);
        *slot = end;
    }
    end
}

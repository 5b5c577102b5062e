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
    /// For each bar of a block but the last, one after the other.
    slots: Box<[Slot<A>]>,
    /// The summary of this block.
    beginning: A,
    position: usize,
    /// The last value of the last block: it is in every window until this block is complete.
    reference: A::Value,
    full: bool,
}

/// What is kept for a bar of a block.
#[derive(Clone)]
struct Slot<A: Aggregate> {
    /// Its value, once it has come.
    value: A::Value,
    /// Until then: the summary of the last block's values that are still in the window when it comes.
    end: A,
}

impl<A: Aggregate> Sliding<A> {
    /// A window of `length` values, at least one.
    pub fn new(length: usize) -> Self {
        let slot = Slot { value: A::Value::default(), end: A::UNKNOWN };
        Self {
            slots: vec![slot; length.max(1) - 1].into(),
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
        let Some(slot) = self.slots.get_mut(self.position) else {
            self.reference = value;
            self.beginning = A::EMPTY;
            self.position = 0;
            self.full = true;
            return summarise_ends(&mut self.slots, value);
        };
        slot.value = value;
        self.position += 1;
        self.beginning = self.beginning.then(A::of(value, self.reference));
        slot.end.then(self.beginning)
    }

    /// The value that the summary's differences are taken from.
    #[inline]
    pub fn reference(&self) -> A::Value {
        self.reference
    }

    /// How many values fill it.
    #[inline]
    pub fn length(&self) -> usize {
        self.slots.len() + 1
    }
}

/// Summarises all ends of a block, the longest of which is the block itself.
#[inline(always)]
fn summarise_ends<A: Aggregate>(slots: &mut [Slot<A>], last: A::Value) -> A {
    let mut end = A::of(last, last);
    // Four at a time: the next four wait for one join then, not for four.
    let mut fours = slots.rchunks_exact_mut(4);
    for four in fours.by_ref() {
        if let [a, b, c, d] = four {
            let d_on = A::of(d.value, last);
            let c_on = A::of(c.value, last).then(d_on);
            let b_on = A::of(b.value, last).then(c_on);
            let a_on = A::of(a.value, last).then(b_on);
            d.end = end;
            c.end = d_on.then(end);
            b.end = c_on.then(end);
            a.end = b_on.then(end);
            end = a_on.then(end);
        }
    }
    for slot in fours.into_remainder().iter_mut().rev() {
        slot.end = end;
        end = A::of(slot.value, last).then(end);
    }
    end
}

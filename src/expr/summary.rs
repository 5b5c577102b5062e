//! What is worth knowing of an expression without walking through it.

use crate::expr::{BarsRef, Call, Condition, Series};
use crate::time::Timeframe;

/// What an expression as a whole reads, kept beside it as it is built.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// The bars that it has a value for each of.
    pub bars: Option<BarsRef>,
    /// How many operators lie between it and its furthest leaf.
    pub depth: usize,
    /// What it reads beside bars.
    pub symbols: Symbols,
}

/// What an expression reads beside bars, which is known only bar after bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// The open position.
    pub position: bool,
    /// The state of a scan.
    pub state: bool,
}

impl Symbols {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self.position || self.state
    }

    /// What both read.
    #[must_use]
    pub fn union(self, other: Symbols) -> Self {
        Self { position: self.position || other.position, state: self.state || other.state }
    }
}

impl Summary {
    /// Of an expression without parts.
    pub fn leaf(bars: Option<&BarsRef>) -> Self {
        Self { bars: bars.cloned(), depth: 1, symbols: Symbols::default() }
    }

    /// Of an expression over others.
    pub fn over<'a>(parts: impl IntoIterator<Item = &'a Summary>) -> Self {
        let mut all = Summary::default();
        for part in parts {
            all.bars = BarsRef::leading(all.bars.as_ref(), part.bars.as_ref());
            all.depth = all.depth.max(part.depth);
            all.symbols = all.symbols.union(part.symbols);
        }
        Self { depth: all.depth.saturating_add(1), ..all }
    }

    /// Of a comparison of instruments.
    pub fn compared(of: &Summary) -> Self {
        let all = Self::over([of]);
        Self { bars: BarsRef::compared(all.bars), ..all }
    }

    /// Of a node's output.
    pub fn output(call: &Call, output: usize) -> Self {
        let symbols = call.inputs.iter().fold(Symbols::default(), |all, input| all.union(input.symbols()));
        Self { bars: call.bars(output), depth: call.depth().saturating_add(1), symbols }
    }
}

/// An expression's summary, of either type.
pub(super) trait Summarised {
    fn summary(&self) -> &Summary;
}

macro_rules! accessors {
    ($($type:ty),*) => {$(
        impl $type {
            /// The bars that it has a value for each of; none for a constant.
            pub fn bars(&self) -> Option<&BarsRef> {
                self.summary().bars.as_ref()
            }

            /// The timeframe of its bars; none for a constant, and for external series alone.
            pub fn timeframe(&self) -> Option<Timeframe> {
                self.bars().and_then(BarsRef::timeframe)
            }

            /// How many operators lie between it and its furthest leaf, through calls too.
            pub fn depth(&self) -> usize {
                self.summary().depth
            }

            /// What it reads beside bars.
            pub fn symbols(&self) -> Symbols {
                self.summary().symbols
            }
        }
    )*};
}
accessors!(Series, Condition);

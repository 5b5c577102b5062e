//! Scans: recursions, each bar's value from the one before.

use std::sync::Arc;

use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{Series, SeriesKind};

/// A recursion over bars with one state or several.
///
/// The states begin on the first bar on which every initial value is known, and have those values there.
/// On each later bar the next values are computed from the last ones and the bar; where one of them is
/// not known, the bar is passed over: every state stays and has no value on that bar.
#[derive(Clone, Debug)]
pub struct Scan {
    identity: ScanIdentity,
    /// The states, in the order of [`SeriesKind::State`]'s index.
    pub states: Vec<State>,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

/// One state of a scan.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name; empty for the only one.
    pub name: String,
    /// Its value on the first bar.
    pub initial: Series,
    /// Its value on every other bar, from the states one bar before.
    pub next: Series,
}

/// Which scan a state belongs to.
#[derive(Clone, Debug)]
pub struct ScanIdentity(Arc<()>);

impl PartialEq for ScanIdentity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Scan {
    /// A scan over states with their initial values. `next` is called once, with the states of the bar
    /// before as symbols, and gives each state's next value.
    ///
    /// # Errors
    /// As `next`; where it gives more or fewer values than there are states; where an initial value depends
    /// on what is known only bar after bar.
    pub fn trace(
        initial: Vec<(String, Series)>,
        origin: Option<Origin>,
        next: impl FnOnce(Vec<Series>) -> Result<Vec<Series>>,
    ) -> Result<Arc<Self>> {
        if let Some((_, series)) = initial.iter().find(|(_, series)| series.symbols().any()) {
            return Err(Diagnostic::new("a scan begins with a value that depends on its own course, or on a position")
                .hint("begin with a number, or a series of bars: scan(close, |prev| …)")
                .at(series.origin().cloned())
                .at(origin));
        }
        let identity = ScanIdentity(Arc::new(()));
        let state = |index| Series::new(SeriesKind::State(identity.clone(), index));
        let next = next((0..initial.len()).map(state).collect())?;
        if next.len() != initial.len() {
            let message = format!("a scan of {} states is given {} next values", initial.len(), next.len());
            return Err(Diagnostic::new(message).at(origin));
        }
        let state = |((name, initial), next)| State { name, initial, next };
        let states: Vec<State> = initial.into_iter().zip(next).map(state).collect();
        if states.iter().all(|state| state.initial.bars().is_none() && state.next.bars().is_none()) {
            return Err(Diagnostic::new("a scan reads no bars: it is the same whatever the market does")
                .hint("read some in it: scan(0, |prev| prev + select(close > close[1], 1, -1))")
                .at(origin));
        }
        Ok(Arc::new(Self { identity, states, origin }))
    }

    /// Whether a state symbol is one of this scan's.
    pub fn owns(&self, identity: &ScanIdentity) -> bool {
        self.identity == *identity
    }

    /// The values over bars of one of the states.
    pub fn output(self: &Arc<Self>, index: usize) -> Series {
        Series::new(SeriesKind::Scan(self.clone(), index))
    }
}

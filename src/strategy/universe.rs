//! What a strategy trades, as it is declared: instruments by name, and patterns that a catalog resolves.

use std::fmt;
use std::str::FromStr;

use crate::data::{Instrument, Pattern};
use crate::error::{Diagnostic, Origin, Result};

/// An entry of a universe, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What it names.
    pub what: Selector,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

/// One instrument, or those that a pattern matches once there is a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// By its name: `us_equities/AAPL`.
    Instrument(Instrument),
    /// Those of a dataset whose symbols match: `us_equities/*`.
    Pattern(Pattern),
}

impl Selector {
    /// The dataset that it names.
    pub fn dataset(&self) -> &str {
        match self {
            Selector::Instrument(instrument) => &instrument.dataset,
            Selector::Pattern(pattern) => pattern.dataset(),
        }
    }
}

impl FromStr for Selector {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        match Pattern::is_meant(text) {
            true => text.parse().map(Selector::Pattern),
            false => text.parse().map(Selector::Instrument),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Instrument(instrument) => instrument.fmt(f),
            Selector::Pattern(pattern) => pattern.fmt(f),
        }
    }
}

impl From<Instrument> for Selection {
    fn from(instrument: Instrument) -> Self {
        Self { what: Selector::Instrument(instrument), origin: None }
    }
}

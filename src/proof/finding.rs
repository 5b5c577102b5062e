//! What a proof found.

use std::fmt;

use crate::data::Instrument;
use crate::error::{Diagnostic, Origin};
use crate::plan::StepId;
use crate::proof::{Prefix, PriceLevel};
use crate::time::{Timeframe, Timestamp};

/// What was compared, and what differed.
#[derive(Clone, Debug)]
pub struct Proof {
    /// How many steps the plan has.
    pub nodes: usize,
    /// How many models.
    pub models: usize,
    /// How many rules (`enter`, `exit`).
    pub rules: usize,
    /// How many trades the full run has.
    pub trades: usize,
    /// On what it was run again: all of the data, then prefixes in order of time.
    pub runs: Vec<Prefix>,
    /// How many values of steps and model inputs were compared.
    pub values: u64,
    /// How many trades of prefixes were compared, open positions among them.
    pub trades_compared: u64,
    /// What differed: of each part the first time, in the order in which parts read each other, so
    /// that the first is the culprit. Empty where nothing did.
    pub differences: Vec<Difference>,
    /// Whether rules hang on the level of prices that were adjusted later.
    pub price_level: PriceLevel,
}

impl Proof {
    /// Whether no value changed when its future was cut off.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// A value that changed when its future was cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What gave it.
    pub part: Part,
    /// What that is, in words: a step as the plan's explanation writes it.
    pub what: String,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
    /// Whose value it is.
    pub instrument: Option<Instrument>,
    /// The timeframe of the bar.
    pub timeframe: Option<Timeframe>,
    /// The bar, counted from 0.
    pub bar: Option<usize>,
    /// When the bar opens.
    pub timestamp: Option<Timestamp>,
    /// What it was run on when it differed.
    pub prefix: Prefix,
    /// The value of the full run.
    pub with_future: Figure,
    /// The value on the prefix.
    pub without_future: Figure,
}

/// What may differ, in the order in which parts read each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a model is given beside the values of steps, by the model's step: which bars it sees, its
    /// target, and when that is known.
    ModelInput(StepId),
    /// What a model's training read, by the model's step: the ranges and the scaler's statistics.
    Training(StepId),
    /// A step of the plan.
    Node(StepId),
    /// A trade, or the entry of an open position.
    Trade,
    /// Equity, cash or exposure at a bar's close.
    Equity,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A number; NaN where it is not known.
    Number(f64),
    /// A truth value.
    Truth(bool),
    /// Anything else, in words.
    Text(String),
}

impl Difference {
    /// The difference as an error, at its place in the script.
    pub fn diagnostic(&self) -> Diagnostic {
        let Self { what, with_future, without_future, .. } = self;
        let bar = match (&self.instrument, self.timestamp) {
            (Some(instrument), Some(time)) => format!(" for {instrument} at {time}"),
            (None, Some(time)) => format!(" at {time}"),
            _ => String::new(),
        };
        if self.prefix.whole {
            let message = format!("{what} is not the same twice{bar}: {with_future}, then {without_future}");
            return Diagnostic::new(message)
                .hint("computed on the same data again, it differs: a node keeps something outside of its machine, or reads a clock or a random number")
                .at(self.origin.clone());
        }
        let message = format!("{what} looks ahead{bar}: {with_future} with its future, {without_future} without");
        Diagnostic::new(message)
            .hint(format!("{}: a node may read only what it was given up to the bar", self.prefix))
            .at(self.origin.clone())
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Number(value) if value.is_nan() => f.write_str("not known"),
            Figure::Number(value) => write!(f, "{value}"),
            Figure::Truth(value) => write!(f, "{value}"),
            Figure::Text(text) => f.write_str(text),
        }
    }
}

impl Part {
    /// The place among all parts: what a model reads comes before the model's own step.
    pub(super) fn place(self) -> (usize, u8) {
        match self {
            Part::ModelInput(step) => (step.index(), 0),
            Part::Training(step) => (step.index(), 1),
            Part::Node(step) => (step.index(), 2),
            Part::Trade => (usize::MAX, 0),
            Part::Equity => (usize::MAX, 1),
        }
    }
}

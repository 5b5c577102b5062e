//! What a script declared: plain data with the places that it came from, and no behaviour.
//!
//! A [`Strategy`] is made by a script (`crate::script`), or in Rust: by hand, or with
//! [`Strategy::declare`] from the same record that a script would write, checked the same way.

mod costs;
mod declare;
mod figures;
mod period;
mod preset;
mod settings;
mod universe;
mod weights;

pub use costs::{Costs, Hours, ImpactModel, Tier, Tiers};
pub use declare::STRATEGY;
pub use figures::{FigureSource, Figures};
pub use period::Period;
pub use settings::{Account, Fill, GoodFor, Intrabar, Matching};
pub use universe::{Selection, Selector};
pub use weights::{Every, Rebalance, Share, Weights};

use std::sync::Arc;

use crate::data::Adjust;
use crate::error::Origin;
use crate::expr::{Call, Condition, OrderPrice, Series};

/// A strategy: what to trade, when, how much, at what cost.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// Its name: the script's file name without the ending.
    pub name: String,
    /// What it trades, as it was written; at least one entry. `crate::pipeline` resolves patterns.
    pub universe: Vec<Selection>,
    /// When to buy and when to sell again.
    pub long: Option<Rules>,
    /// When to sell short and when to buy back.
    pub short: Option<Rules>,
    /// What to hold, in place of rules for the two sides; then no exits and no size are read.
    pub weights: Option<Weights>,
    /// What protects an open position: calls of exits.
    pub exits: Vec<Arc<Call>>,
    /// How much to trade: a call of a sizer.
    pub size: Arc<Call>,
    /// What trading costs.
    pub costs: Costs,
    /// Slippage that follows a series: how much worse than the market price a market order or a stop
    /// fills, in price units, as known at the last close before the fill.
    pub slippage_distance: Option<Series>,
    /// What it trades with.
    pub account: Account,
    /// Whose rules match orders with bars.
    pub matching: Matching,
    /// Where the figures of `costs` and `account` come from.
    pub figures: Figures,
    /// When a market order fills.
    pub fill: Fill,
    /// What happened first inside a bar that touched both a stop and a target.
    pub intrabar: Intrabar,
    /// How prices are adjusted for splits and dividends.
    pub adjust: Adjust,
    /// The stretch of time that it is run over.
    pub period: Period,
    /// Whether models may give values on the bars that they were trained on.
    pub in_sample: bool,
    /// Series to show in the report, by name.
    pub plot: Vec<(String, Series)>,
    /// The parameters that the script declared, in order.
    pub parameters: Vec<ParameterValue>,
    /// The script's text, if there is one.
    pub source: Option<Source>,
}

/// When to enter and when to leave on one side.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Enter at the next open after a bar on which this holds; where there is an order's price, wait for it
    /// from the next bar on.
    pub enter: Condition,
    /// Leave at the next open after a bar on which this holds, and cancel an entry that waits.
    pub exit: Option<Condition>,
    /// At what price to enter, with the values on the bar of the signal; at market where there is none.
    pub order: Option<OrderPrice>,
    /// How long the order waits.
    pub good_for: GoodFor,
    /// How often `enter` adds to a position that is open.
    pub add: usize,
}

/// A parameter that a script declared with `param`, and the value that it had.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterValue {
    /// Its name.
    pub name: String,
    /// Its value in this run.
    pub value: f64,
    /// Its value if nothing sets it.
    pub default: f64,
    /// The range that is allowed.
    pub range: (f64, f64),
    /// Whether it is a whole number.
    pub whole: bool,
    /// Where it is declared.
    pub origin: Option<Origin>,
}

/// The text of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file as the person named it.
    pub file: Arc<str>,
    /// Its text, followed by that of the modules that it imports.
    pub text: Arc<str>,
}

//! Orders: what the broker is asked to do, and the terms that are settled at the fill.

use crate::backtest::ExitReason;
use crate::node::Side;

/// An order, made at the close of a bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    /// What to trade: an index into the universe.
    pub instrument: usize,
    /// What to do.
    pub action: Action,
    /// A number by which whoever made the order knows it again.
    pub tag: usize,
}

/// What an order does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Takes on a position. Lots that face the other way are closed first, oldest first.
    Enter(Side, Trigger),
    /// Closes every lot of the instrument at market.
    Close(ExitReason),
}

/// When an order to enter fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trigger {
    /// At once: at the next open, or at the same close.
    Market,
    /// At this price or better.
    Limit(f64),
    /// Once the price trades here, at this price or worse.
    Stop(f64),
}

/// What is known when an order to enter fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quote {
    pub side: Side,
    /// The price of the fill, with spread and slippage.
    pub price: f64,
    /// Equity at the fill's instant.
    pub equity: f64,
}

/// How much to trade and how to protect it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terms {
    pub units: f64,
    pub stop: Option<Guard>,
    pub target: Option<Guard>,
}

/// A price at which to leave, and whose it is: an index into the names of the exits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guard {
    pub price: f64,
    pub exit: usize,
}

//! Orders: what the broker is asked to do, and the terms that are settled at the fill.

use crate::backtest::{ExitReason, Trade};
use crate::data::Bars;
use crate::node::Side;
use crate::strategy::GoodFor;
use crate::time::Timestamp;

/// When an order to enter fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trigger {
    /// At once: at the next open, or at the same close.
    Market,
    /// At this price or better.
    Limit(f64),
    /// Once the price trades here, at this price or worse.
    Stop(f64),
    /// Once the price trades at `stop`, at `limit` or better.
    StopLimit {
        /// What makes it a limit order.
        stop: f64,
        /// The limit from then on.
        limit: f64,
    },
    /// A stop that follows the price, as long as the price moves away from it: at each close it is set
    /// anew at this distance above the bar's low (to buy) or below its high (to sell), where that is
    /// nearer.
    Trailing {
        /// How far behind the price it stays, in price units.
        distance: f64,
        /// Where it stands at first.
        stop: f64,
    },
}

impl Trigger {
    /// The prices and distances in it.
    pub(super) fn prices(self) -> impl Iterator<Item = f64> {
        let (first, second) = match self {
            Trigger::Market => (None, None),
            Trigger::Limit(price) | Trigger::Stop(price) => (Some(price), None),
            Trigger::StopLimit { stop, limit: other } | Trigger::Trailing { stop, distance: other } => {
                (Some(stop), Some(other))
            }
        };
        first.into_iter().chain(second)
    }
}

impl GoodFor {
    /// The last bar on which an order that was made at the close of `bar` may fill.
    pub(super) fn until(self, bars: &Bars, bar: usize) -> usize {
        let timestamps = bars.timestamps();
        match self {
            GoodFor::Ever => usize::MAX,
            GoodFor::Bars(count) => bar.saturating_add(count),
            GoodFor::Day => {
                let day = |timestamp: i64| timestamp.div_euclid(Timestamp::DAY);
                let Some(first) = timestamps.get(bar + 1).copied() else { return bar };
                bar + timestamps[bar + 1..].partition_point(|timestamp| day(*timestamp) == day(first))
            }
        }
    }
}

/// An order, made at the close of a bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    /// What to do.
    pub action: Action,
    /// The last of the instrument's bars on which it may fill.
    pub until: usize,
    /// Where one order of a group fills, the instrument's others of it are cancelled.
    pub group: Option<usize>,
    /// What is left of one that has filled in part: its terms were settled then.
    pub rest: Option<Terms>,
    /// What its fill does to what is open on the instrument.
    pub meets: Meets,
    /// A number by which whoever made the order knows it again.
    pub tag: usize,
    /// How many shares one of the bar at whose close it was made is by now.
    pub splits: f64,
}

impl Order {
    /// Closes this share of what every lot was entered with, at market.
    pub fn close(reason: ExitReason, portion: f64, tag: usize) -> Self {
        Self::at_market(Action::Close(reason, portion), tag)
    }

    /// Brings the position to this share of the equity, at market.
    pub fn target(share: f64) -> Self {
        Self::at_market(Action::Target(share), 0)
    }

    fn at_market(action: Action, tag: usize) -> Self {
        Self { action, until: usize::MAX, group: None, rest: None, meets: Meets::Nets, tag, splits: 1.0 }
    }
}

/// What becomes of an instrument's open lots where an order to enter fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meets {
    /// Lots that face the other way are closed first, oldest first, and what is left over is opened.
    Nets,
    /// All that face the other way are closed, and its size is opened.
    Reverses,
    /// It adds to lots that face the same way; without any, it is forgotten.
    Adds,
}

/// What an order does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Takes on a position.
    Enter(Side, Trigger),
    /// Closes this share of every lot of the instrument at market.
    Close(ExitReason, f64),
    /// Brings the position to this share of the equity at market; negative is short.
    Target(f64),
}

/// What is known when an order to enter fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quote<'a> {
    pub instrument: usize,
    pub side: Side,
    /// The price of the fill, with spread and slippage.
    pub price: f64,
    /// Equity at the fill's instant.
    pub equity: f64,
    /// What a fraction of the account is a fraction of, and what a unit of it buys costs.
    pub base: f64,
    pub unit_price: f64,
    /// What has been traded until then.
    pub trades: &'a [Trade],
}

/// How much an order trades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// So many units.
    Units(f64),
    /// For this fraction of what margin and leverage leave free at the fill.
    FreeMargin(f64),
}

impl Default for Size {
    fn default() -> Self {
        Size::Units(0.0)
    }
}

/// How much to trade and how to protect it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Terms {
    pub size: Size,
    pub guards: Vec<Guard>,
}

/// A price at which to leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guard {
    pub kind: GuardKind,
    pub price: f64,
    /// Whose it is: an index into the names of the exits.
    pub exit: usize,
    /// How much of what the lot was entered with it closes: 1 for all.
    pub portion: f64,
}

/// How a guard fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GuardKind {
    /// At market, once the price trades there.
    Stop,
    /// At its price or better.
    Target,
}

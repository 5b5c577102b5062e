//! Entry orders: how a rule's `enter` becomes an order.

use crate::backtest::{GoodFor, Trigger};
use crate::node::Side;

/// How a side enters: an order at market, or one that waits for a price.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryOrder<'a> {
    /// When it fills.
    pub kind: EntryKind<'a>,
    /// How long it waits.
    pub good_for: GoodFor,
}

/// When an entry order fills. Prices and distances are those of the bar that gave the signal, in
/// price units; NaN where not known.
#[derive(Clone, Copy, Debug, Default)]
pub enum EntryKind<'a> {
    /// At once.
    #[default]
    Market,
    /// At this price or better.
    Limit(&'a [f64]),
    /// Once the price trades here, at this price or worse.
    Stop(&'a [f64]),
    /// Once the price trades at the first, at the second or better.
    StopLimit(&'a [f64], &'a [f64]),
    /// A stop that follows the price at this distance.
    Trailing(&'a [f64]),
}

impl<'a> EntryOrder<'a> {
    pub(super) fn columns(self) -> impl Iterator<Item = &'a [f64]> {
        let (first, second) = match self.kind {
            EntryKind::Market => (None, None),
            EntryKind::Limit(column) | EntryKind::Stop(column) | EntryKind::Trailing(column) => (Some(column), None),
            EntryKind::StopLimit(stop, limit) => (Some(stop), Some(limit)),
        };
        first.into_iter().chain(second)
    }

    /// The trigger of an order that is made at a bar's close; none where a price is not known.
    pub(super) fn trigger(self, bar: usize, side: Side, close: f64) -> Option<Trigger> {
        if self.columns().any(|column| !column[bar].is_finite()) {
            return None;
        }
        Some(match self.kind {
            EntryKind::Market => Trigger::Market,
            EntryKind::Limit(price) => Trigger::Limit(price[bar]),
            EntryKind::Stop(price) => Trigger::Stop(price[bar]),
            EntryKind::StopLimit(stop, limit) => Trigger::StopLimit { stop: stop[bar], limit: limit[bar] },
            EntryKind::Trailing(distance) => {
                let distance = Some(distance[bar]).filter(|distance| *distance >= 0.0)?;
                Trigger::Trailing { distance, stop: close + side.sign() * distance }
            }
        })
    }
}

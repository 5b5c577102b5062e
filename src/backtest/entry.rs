//! Entry orders: how a rule's `enter` becomes an order.

use crate::backtest::Trigger;
use crate::expr::OrderPrice;
use crate::node::Side;
use crate::strategy::GoodFor;

/// How a side enters: an order at market, or one that waits for a price; and how often more is added.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryOrder<'a> {
    /// At what price it fills, by the bar that gave the signal, NaN where not known; at market where
    /// there is none.
    pub price: Option<OrderPrice<&'a [f64]>>,
    /// How long it waits for its price.
    pub good_for: GoodFor,
    /// How often `enter` adds to a position that is open.
    pub add: usize,
}

impl<'a> EntryOrder<'a> {
    pub(super) fn columns(&self) -> impl Iterator<Item = &'a [f64]> {
        self.price.iter().flat_map(OrderPrice::values).copied()
    }

    /// The trigger of an order that is made at a bar's close; none where a price is not known.
    pub(super) fn trigger(self, bar: usize, side: Side, close: f64) -> Option<Trigger> {
        let Some(price) = self.price else { return Some(Trigger::Market) };
        let known = |column: &&[f64]| Some(column[bar]).filter(|price| price.is_finite()).ok_or(());
        Some(match price.try_map(known).ok()? {
            OrderPrice::Limit(price) => Trigger::Limit(price),
            OrderPrice::Stop(price) => Trigger::Stop(price),
            OrderPrice::StopLimit { stop, limit } => Trigger::StopLimit { stop, limit },
            OrderPrice::Trailing(distance) if distance < 0.0 => return None,
            OrderPrice::Trailing(distance) => Trigger::Trailing { distance, stop: close + side.sign() * distance },
        })
    }
}

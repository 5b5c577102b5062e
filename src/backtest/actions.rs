//! Corporate actions: what a split and a dividend do to what is held and to what waits.
//!
//! They come about as a bar opens, before anything trades on it: whoever holds a share until then gets what it
//! brings. After a split there are more units at a lower price. Fractions of a unit are kept, so that nothing is won
//! or lost by it. A dividend is paid in cash on the same bar: to who is long, by who is short.

use crate::backtest::Accrual;
use crate::backtest::broker::Broker;
use crate::backtest::feed::Prices;
use crate::backtest::limits::guards_on_tick;
use crate::backtest::lot::Lot;
use crate::backtest::order::{Action as OrderAction, Guard, Order, Size, Terms, Trigger};
use crate::backtest::waiting::Worth;
use crate::data::Action;

impl Prices<'_> {
    /// The first bar from `from` on that begins with a split or a dividend.
    #[inline]
    pub fn next_action(&self, from: usize) -> Option<usize> {
        let next = self.actions.partition_point(|action| action.bar < from);
        self.actions.get(next).map(|action| action.bar)
    }

    /// How many shares one of a bar's is on a later bar.
    pub fn splits_between(&self, bar: usize, later: usize) -> f64 {
        let first = self.actions.partition_point(|action| action.bar <= bar);
        let since = self.actions[first..].iter().take_while(|action| action.bar <= later);
        since.map(|action| action.split).product()
    }
}

impl Broker<'_> {
    /// Splits and pays what an instrument's bar begins with. Gives the new shares for one old, where there are any.
    pub fn act(&mut self, instrument: usize, bar: usize) -> Option<f64> {
        let actions = &self.feeds[instrument].actions;
        let found = actions.binary_search_by_key(&bar, |action| action.bar).ok()?;
        let Action { split, dividend, .. } = actions[found];
        self.see(instrument, bar);
        if split != 1.0 {
            let tick = self.policies.account.tick;
            for lot in &mut self.ledger.lots[instrument] {
                lot.split(split);
                guards_on_tick(tick, lot.side, &mut lot.guards);
            }
            self.ledger.note(instrument, self.step);
            for waiting in &mut self.orders[instrument] {
                waiting.order.split(split);
                if let Some(Worth { price, .. }) = &mut waiting.made_with {
                    *price /= split;
                }
            }
        }
        let units: f64 = self.lots(instrument).iter().map(|lot| lot.value(1.0)).sum();
        self.ledger.accrue(Accrual { bar: self.step, dividends: dividend * units, ..Accrual::default() });
        (split != 1.0).then_some(split)
    }
}

impl Lot {
    /// Each of its units becomes so many.
    fn split(&mut self, factor: f64) {
        self.units *= factor;
        self.entered *= factor;
        let prices = [&mut self.entry.price, &mut self.entry.reference, &mut self.highest, &mut self.lowest];
        prices.into_iter().for_each(|price| *price /= factor);
        split_guards(&mut self.guards, factor);
        if let Some(leaving) = &mut self.leaving {
            leaving.units *= factor;
        }
    }
}

impl Order {
    /// Its prices are of shares each of which becomes so many.
    fn split(&mut self, factor: f64) {
        self.splits *= factor;
        if let OrderAction::Enter(_, trigger) = &mut self.action {
            *trigger = match *trigger {
                Trigger::Market => Trigger::Market,
                Trigger::Limit(price) => Trigger::Limit(price / factor),
                Trigger::Stop(price) => Trigger::Stop(price / factor),
                Trigger::StopLimit { stop, limit } => Trigger::StopLimit { stop: stop / factor, limit: limit / factor },
                Trigger::Trailing { distance, stop } => {
                    Trigger::Trailing { distance: distance / factor, stop: stop / factor }
                }
            };
        }
        if let Some(rest) = &mut self.rest {
            rest.split(factor);
        }
    }
}

impl Terms {
    /// They are of shares each of which becomes so many.
    pub fn split(&mut self, factor: f64) {
        if let Size::Units(units) = &mut self.size {
            *units *= factor;
        }
        split_guards(&mut self.guards, factor);
    }
}

/// Prices at which to leave, of shares each of which becomes so many.
pub(super) fn split_guards(guards: &mut [Guard], factor: f64) {
    guards.iter_mut().for_each(|guard| guard.price /= factor);
}

//! The broker: one account, several instruments, the orders that wait, and what a fill does.
//!
//! When an order, a stop or a target fills is for [`crate::backtest::matching`] to say.

use std::collections::BTreeMap;

use crate::backtest::costs::{affordable, market_price, whole_lots};
use crate::backtest::feed::{Bar, Prices};
use crate::backtest::ledger::Ledger;
use crate::backtest::lot::{Fill, Lot, Moment};
use crate::backtest::order::{Action, Guard, GuardKind, Meets, Order, Quote, Terms, Trigger};
use crate::backtest::timeline::Timeline;
use crate::backtest::{ExitReason, Policies};
use crate::node::{OpenPosition, Refusal, Side};
use crate::time::Timestamp;

/// Settles the terms of an order at its fill.
pub(super) trait Settle {
    /// How much to trade and how to protect it, or why not.
    fn terms(&mut self, order: &Order, quote: &Quote<'_>) -> Result<Terms, Refusal>;

    /// An order has opened a lot.
    fn entered(&mut self, _instrument: usize, _order: &Order) {}

    /// A guard of an instrument's lot has filled, and closed a part of it or all.
    fn guard_filled(&mut self, _instrument: usize, _guard: Guard) {}
}

/// Where an order fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub instrument: usize,
    pub bar: usize,
    pub moment: Moment,
    /// The price before spread and slippage.
    pub reference: f64,
}

/// A broker with one account and several instruments.
pub(super) struct Broker<'a> {
    pub ledger: Ledger,
    pub refused: BTreeMap<String, usize>,
    pub policies: Policies,
    pub feeds: &'a [Prices<'a>],
    pub timeline: &'a Timeline,
    /// The step of the timeline that lasts.
    pub step: usize,
    /// The instant that it is: a bar that closes after it is known by its open alone.
    pub now: i64,
    /// Names of the instruments, for what is refused.
    instruments: Vec<String>,
    /// Names of the exits that guards point to.
    exits: Vec<String>,
    /// The orders of each instrument that wait, in the order in which they were made; each with its
    /// number in the order of all.
    orders: Vec<Vec<(usize, Order)>>,
    made: usize,
}

impl<'a> Broker<'a> {
    pub fn new(
        policies: Policies,
        feeds: &'a [Prices<'a>],
        timeline: &'a Timeline,
        instruments: Vec<String>,
        exits: Vec<String>,
    ) -> Self {
        Self {
            ledger: Ledger::new(policies.account.cash, feeds.len(), policies.costs),
            refused: BTreeMap::new(),
            policies,
            feeds,
            timeline,
            step: 0,
            now: 0,
            instruments,
            exits,
            orders: vec![Vec::new(); feeds.len()],
            made: 0,
        }
    }

    /// Accepts an order; it acts from the instrument's next bar, or at this close.
    pub fn submit(&mut self, instrument: usize, order: Order) {
        self.orders[instrument].push((self.made, order));
        self.made += 1;
    }

    /// Forgets every order of an instrument.
    pub fn cancel(&mut self, instrument: usize) {
        self.orders[instrument].clear();
    }

    /// Forgets the orders of an instrument that wait to enter on a side.
    pub fn cancel_entries(&mut self, instrument: usize, cancelled: impl Fn(Side) -> bool) {
        let stays = |order: &Order| !matches!(order.action, Action::Enter(side, _) if cancelled(side));
        self.orders[instrument].retain(|(_, order)| stays(order));
    }

    /// Whether orders of an instrument wait.
    #[inline]
    pub fn has_orders(&self, instrument: usize) -> bool {
        !self.orders[instrument].is_empty()
    }

    /// The numbers of the orders of several instruments that wait, with their instrument and its bar,
    /// the oldest first.
    pub fn numbers(&self, present: &[(usize, usize)]) -> Vec<(usize, usize, usize)> {
        let numbers = |&(instrument, bar): &(usize, usize)| {
            self.orders[instrument].iter().map(move |(number, _)| (*number, instrument, bar))
        };
        let mut numbers: Vec<_> = present.iter().flat_map(numbers).collect();
        numbers.sort_unstable();
        numbers
    }

    /// An order that waits, by its number.
    pub fn order(&self, instrument: usize, number: usize) -> Option<&Order> {
        self.orders[instrument].iter().find(|(other, _)| *other == number).map(|(_, order)| order)
    }

    /// Takes an order that waits, and whatever its fill cancels.
    pub fn take(&mut self, instrument: usize, number: usize) -> Option<Order> {
        let orders = &mut self.orders[instrument];
        let place = orders.iter().position(|(other, _)| *other == number)?;
        let (_, order) = orders.remove(place);
        if order.group.is_some() {
            orders.retain(|(_, other)| other.group != order.group);
        }
        Some(order)
    }

    /// Makes another order of one that waits.
    pub fn change(&mut self, instrument: usize, number: usize, action: Action) {
        if let Some((_, order)) = self.orders[instrument].iter_mut().find(|(other, _)| *other == number) {
            order.action = action;
        }
    }

    /// A bar has closed: orders that were good until then lapse, those that follow the price do so.
    pub fn age_orders(&mut self, instrument: usize, bar: usize) {
        let Bar { high, low, .. } = self.feeds[instrument].bar(bar);
        let orders = &mut self.orders[instrument];
        orders.retain(|(_, order)| order.until > bar);
        for (_, order) in orders {
            if let Action::Enter(side, Trigger::Trailing { distance, stop }) = &mut order.action {
                *stop = match side {
                    Side::Long => stop.min(low + *distance),
                    Side::Short => stop.max(high - *distance),
                };
            }
        }
    }

    /// The last price of an instrument that is known now: the close of its last bar, or its open
    /// where it has not closed. Zero before its first bar.
    #[inline]
    pub fn price(&self, instrument: usize) -> f64 {
        self.price_at(instrument, self.step, self.now)
    }

    /// The same, in a step and at an instant in it.
    #[inline]
    pub fn price_at(&self, instrument: usize, step: usize, now: i64) -> f64 {
        let feed = &self.feeds[instrument];
        match self.timeline.bar_at(instrument, feed, step) {
            Some(bar) if feed.close_instant[bar] <= now => feed.close[bar],
            Some(bar) => feed.open[bar],
            None => 0.0,
        }
    }

    /// The gross and the net value of what is open, at the last prices.
    pub fn exposure(&self) -> (f64, f64) {
        self.ledger.exposure(|instrument| self.price(instrument))
    }

    /// Cash and what the open lots are worth at the last prices.
    pub fn equity(&self) -> f64 {
        self.ledger.cash + self.exposure().1
    }

    /// The open lots of an instrument.
    #[inline]
    pub fn lots(&self, instrument: usize) -> &[Lot] {
        &self.ledger.lots[instrument]
    }

    /// The open lots of an instrument as its exits see them at a bar's close: one position at the mean
    /// of their entry prices, as old as the oldest.
    #[inline]
    pub fn position(&self, instrument: usize, bar: usize) -> Option<OpenPosition> {
        let lots = self.lots(instrument);
        let oldest = lots.first()?;
        let entry_price = match lots {
            [only] => only.entry.price,
            _ => {
                let sum = |of: fn(&Lot) -> f64| lots.iter().map(of).sum::<f64>();
                sum(|lot| lot.units * lot.entry.price) / sum(|lot| lot.units)
            }
        };
        Some(OpenPosition {
            side: oldest.side,
            entry_price,
            bars_held: oldest.bars_held(bar),
            highest: oldest.highest,
            lowest: oldest.lowest,
            close: self.feeds[instrument].close[bar],
        })
    }

    /// Gives every lot of an instrument these guards in place of its own.
    pub fn protect(&mut self, instrument: usize, guards: &[Guard]) {
        for lot in &mut self.ledger.lots[instrument] {
            lot.guards.clear();
            lot.guards.extend_from_slice(guards);
        }
    }

    /// Every bar of an instrument before `end` is taken into what its lots saw.
    #[inline]
    pub fn see(&mut self, instrument: usize, end: usize) {
        let prices = &self.feeds[instrument];
        self.ledger.lots[instrument].iter_mut().for_each(|lot| lot.see(prices, end));
    }

    /// Counts something that was not done as asked.
    pub fn refuse(&mut self, what: String) {
        *self.refused.entry(what).or_default() += 1;
    }

    /// Fills an order to enter at a place; a limit without spread and slippage.
    pub fn enter(&mut self, order: &Order, side: Side, at_market: bool, place: Place, settle: &mut impl Settle) {
        if order.meets == Meets::Adds && self.lots(place.instrument).iter().all(|lot| lot.side != side) {
            return;
        }
        let price = match at_market {
            true => market_price(&self.policies.costs, side == Side::Long, place.reference),
            false => place.reference,
        };
        if let Err(why) = self.take_on(order, side, price, place, settle) {
            let instrument = &self.instruments[place.instrument];
            self.refuse(format!("{instrument}: {} entry not filled: {why}", side.name()));
        }
    }

    fn take_on(
        &mut self,
        order: &Order,
        side: Side,
        price: f64,
        place: Place,
        settle: &mut impl Settle,
    ) -> Result<(), Refusal> {
        let Place { instrument, bar, moment, reference } = place;
        if price <= 0.0 {
            return Err("spread and slippage leave nothing of its price");
        }
        let fill = Fill { step: self.step, time: self.time(instrument, bar), price, reference };
        if order.meets == Meets::Reverses {
            self.close_opposite(instrument, side, f64::INFINITY, fill);
        }
        let (equity, trades) = (self.equity(), &self.ledger.trades);
        let terms = settle.terms(order, &Quote { instrument, side, price, equity, trades })?;
        if !(terms.units > 0.0 && terms.units.is_finite()) {
            return Err("its size came to nothing");
        }
        let rest = self.close_opposite(instrument, side, terms.units, fill);
        if rest <= 0.0 {
            return Ok(());
        }
        let (budget, lot) = (self.budget(), self.policies.account.lot);
        let units = whole_lots(rest.min(affordable(&self.policies.costs, price, budget)), lot);
        if units <= 0.0 {
            return Err(match lot > 0.0 {
                true => "cash and leverage, or its size, allow less than one lot",
                false => "cash and leverage allow none of it",
            });
        }
        // A size that fits but for its commission is not worth a word: all of equity always does.
        if whole_lots(rest, lot) * price > budget * (1.0 + 1e-9) {
            let name = &self.instruments[instrument];
            self.refuse(format!("{name}: {} entry filled in part: cash and leverage allow no more", side.name()));
        }
        self.ledger.open(instrument, side, Terms { units, ..terms }, fill, bar, moment);
        settle.entered(instrument, order);
        Ok(())
    }

    /// Closes up to so many units that face the other way, oldest first; gives how many are left over.
    fn close_opposite(&mut self, instrument: usize, side: Side, units: f64, fill: Fill) -> f64 {
        let mut rest = units;
        while let Some(lot) = self.lots(instrument).first().filter(|lot| lot.side != side && rest > 0.0) {
            let units = lot.units.min(rest);
            rest -= units;
            self.ledger.close(instrument, 0, units, fill, ExitReason::Reversal);
        }
        rest
    }

    /// What value and commission of a new lot may come to: what leverage leaves free. Without
    /// leverage that is the cash, less the proceeds of short sales.
    fn budget(&self) -> f64 {
        let leverage = self.policies.account.leverage;
        let (gross, net) = self.exposure();
        let free = leverage * (self.ledger.cash + net) - gross;
        if leverage <= 1.0 { free.min(self.ledger.cash) } else { free }
    }

    /// Fills a guard of a lot, which has it no more.
    pub fn fill_guard(&mut self, guard: Guard, index: usize, place: Place) {
        let lot = &mut self.ledger.lots[place.instrument][index];
        lot.guards.retain(|other| *other != guard);
        let name = self.exits.get(guard.exit).cloned().unwrap_or_default();
        self.leave(index, guard.portion, guard.kind == GuardKind::Stop, place, &ExitReason::Exit(name));
    }

    /// Closes a share of what every lot of an instrument was entered with, at market.
    pub fn close_lots(&mut self, portion: f64, place: Place, reason: &ExitReason) {
        let mut index = 0;
        while index < self.lots(place.instrument).len() {
            index += usize::from(!self.leave(index, portion, true, place, reason));
        }
    }

    /// Closes a share of what a lot was entered with; true where nothing is left of it.
    fn leave(&mut self, index: usize, portion: f64, at_market: bool, place: Place, reason: &ExitReason) -> bool {
        let Place { instrument, bar, reference, .. } = place;
        let units = self.part(&self.lots(instrument)[index], portion);
        if units <= 0.0 {
            let (name, exit) = (&self.instruments[instrument], reason.name());
            self.refuse(format!("{name}: {exit} not filled: its part of the position is less than one lot"));
            return false;
        }
        let buying = self.lots(instrument)[index].side == Side::Short;
        let price = if at_market { market_price(&self.policies.costs, buying, reference) } else { reference };
        let fill = Fill { step: self.step, time: self.time(instrument, bar), price, reference };
        let gone = self.ledger.close(instrument, index, units, fill, reason.clone());
        if self.lots(instrument).is_empty() {
            self.orders[instrument].retain(|(_, order)| order.meets != Meets::Adds);
        }
        gone
    }

    /// The units of a share of what a lot was entered with; all of them where next to nothing were left.
    fn part(&self, lot: &Lot, portion: f64) -> f64 {
        /// What thirds of a lot leave of it by rounding is far less.
        const DUST: f64 = 1e-9;
        let units = match portion < 1.0 {
            true => whole_lots(portion * lot.entered, self.policies.account.lot),
            false => lot.units,
        };
        if lot.units - units <= DUST * lot.entered { lot.units } else { units }
    }

    fn time(&self, instrument: usize, bar: usize) -> Timestamp {
        Timestamp(self.feeds[instrument].timestamp[bar])
    }
}

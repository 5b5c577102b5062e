//! The broker: one account, several instruments, the orders that wait, and what a fill does.
//!
//! When an order, a stop or a target fills is for [`crate::backtest::matching`] to say.

use std::collections::BTreeMap;

use crate::backtest::costs::{affordable, market_price, whole_lots};
use crate::backtest::feed::{Bar, Prices};
use crate::backtest::ledger::Ledger;
use crate::backtest::lot::{Fill, Lot, Moment};
use crate::backtest::order::{Action, Guard, Order, Quote, Size, Terms, Trigger};
use crate::backtest::timeline::Timeline;
use crate::backtest::{ExitReason, Policies};
use crate::node::{OpenPosition, Refusal, Side};
use crate::strategy::Matching;
use crate::time::Timestamp;

/// Settles the terms of an order at its fill.
pub(super) trait Settle {
    /// How much to trade and how to protect it, or why not.
    fn terms(&mut self, order: &Order, quote: &Quote) -> Result<Terms, Refusal>;

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

/// An order that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// Its place in the order of all orders and lots.
    pub number: usize,
    pub order: Order,
    /// How things stood when it was made, where it is sized with that.
    pub made_with: Option<Standing>,
}

/// What the account and a unit of an instrument were worth at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub equity: f64,
    pub price: f64,
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
    /// The orders of each instrument that wait, in the order in which they were made.
    orders: Vec<Vec<Waiting>>,
    /// How many orders and lots there have been.
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
        let sized_now = self.policies.matching == Matching::Pine;
        let made_with = sized_now.then(|| Standing { equity: self.equity(), price: self.price(instrument) });
        let number = self.next_number();
        self.orders[instrument].push(Waiting { number, order, made_with });
    }

    /// A number for an order or a lot: those that came before have smaller ones.
    pub fn next_number(&mut self) -> usize {
        self.made += 1;
        self.made - 1
    }

    /// Forgets every order of an instrument.
    pub fn cancel(&mut self, instrument: usize) {
        self.orders[instrument].clear();
    }

    /// Forgets the orders of an instrument that wait to enter on a side.
    pub fn cancel_entries(&mut self, instrument: usize, cancelled: impl Fn(Side) -> bool) {
        let stays = |order: &Order| !matches!(order.action, Action::Enter(side, _) if cancelled(side));
        self.orders[instrument].retain(|waiting| stays(&waiting.order));
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
            self.orders[instrument].iter().map(move |waiting| (waiting.number, instrument, bar))
        };
        let mut numbers: Vec<_> = present.iter().flat_map(numbers).collect();
        numbers.sort_unstable();
        numbers
    }

    /// An order that waits, by its number.
    pub fn order(&self, instrument: usize, number: usize) -> Option<&Order> {
        self.orders[instrument].iter().find(|waiting| waiting.number == number).map(|waiting| &waiting.order)
    }

    /// Takes an order that waits, and whatever its fill cancels.
    pub fn take(&mut self, instrument: usize, number: usize) -> Option<Waiting> {
        let orders = &mut self.orders[instrument];
        let place = orders.iter().position(|waiting| waiting.number == number)?;
        let taken = orders.remove(place);
        if taken.order.group.is_some() {
            orders.retain(|other| other.order.group != taken.order.group);
        }
        Some(taken)
    }

    /// Makes another order of one that waits.
    pub fn change(&mut self, instrument: usize, number: usize, action: Action) {
        if let Some(waiting) = self.orders[instrument].iter_mut().find(|waiting| waiting.number == number) {
            waiting.order.action = action;
        }
    }

    /// A bar has closed: orders that were good until then lapse, those that follow the price do so.
    pub fn age_orders(&mut self, instrument: usize, bar: usize) {
        let Bar { high, low, .. } = self.feeds[instrument].bar(bar);
        let orders = &mut self.orders[instrument];
        orders.retain(|waiting| waiting.order.until > bar);
        for waiting in orders {
            if let Action::Enter(side, Trigger::Trailing { distance, stop }) = &mut waiting.order.action {
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
    pub fn enter(&mut self, waiting: &Waiting, side: Side, at_market: bool, place: Place, settle: &mut impl Settle) {
        let price = match at_market {
            true => market_price(&self.policies.costs, side == Side::Long, place.reference),
            false => place.reference,
        };
        if let Err(why) = self.take_on(waiting, side, price, place, settle) {
            self.not_filled(place.instrument, side, why);
        }
    }

    /// Counts an order to enter that was not filled.
    pub fn not_filled(&mut self, instrument: usize, side: Side, why: Refusal) {
        let name = &self.instruments[instrument];
        self.refuse(format!("{name}: {} entry not filled: {why}", side.name()));
    }

    fn take_on(
        &mut self,
        waiting: &Waiting,
        side: Side,
        price: f64,
        place: Place,
        settle: &mut impl Settle,
    ) -> Result<(), Refusal> {
        let instrument = place.instrument;
        if price <= 0.0 {
            return Err("spread and slippage leave nothing of its price");
        }
        if self.policies.matching == Matching::Pine && self.lots(instrument).iter().any(|lot| lot.side == side) {
            return Err("a position of its side is open");
        }
        let quote = self.quote(waiting, side, price, place);
        let Terms { size, guards } = settle.terms(&waiting.order, &quote)?;
        let units = match size {
            Size::Units(units) => units,
            Size::FreeMargin(fraction) => fraction * self.budget() / quote.unit_price,
        };
        if !(units > 0.0 && units.is_finite()) {
            return Err("its size came to nothing");
        }
        let fill = self.fill(place, price);
        let rest = match self.policies.matching {
            Matching::Pine => {
                self.net(instrument, side, f64::INFINITY, fill);
                units
            }
            _ => self.net(instrument, side, units, fill),
        };
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
        let number = self.next_number();
        self.ledger.open(side, units, guards, fill, place, number);
        Ok(())
    }

    /// Closes up to so many units of lots that face the other way, the oldest first; gives what is left.
    pub fn net(&mut self, instrument: usize, side: Side, mut units: f64, fill: Fill) -> f64 {
        while let Some(lot) = self.lots(instrument).first().filter(|lot| units > 0.0 && lot.side != side) {
            let closed = lot.units.min(units);
            units -= closed;
            self.ledger.close(instrument, 0, closed, fill, ExitReason::Reversal);
        }
        units
    }

    /// A fill now, at a price.
    pub fn fill(&self, place: Place, price: f64) -> Fill {
        let time = Timestamp(self.feeds[place.instrument].timestamp[place.bar]);
        Fill { step: self.step, booked: self.step, time, price, reference: place.reference }
    }

    /// What value and commission of a new lot may come to: what leverage leaves free. Without
    /// leverage that is the cash, less the proceeds of short sales.
    pub fn budget(&self) -> f64 {
        let leverage = self.policies.account.leverage;
        let (gross, net) = self.exposure();
        let free = leverage * (self.ledger.cash + net) - gross;
        if leverage <= 1.0 { free.min(self.ledger.cash) } else { free }
    }

    /// Fills a guard of a lot, which has it no more.
    pub fn fill_guard(&mut self, guard: Guard, index: usize, at_market: bool, place: Place) {
        let lot = &mut self.ledger.lots[place.instrument][index];
        lot.guards.retain(|other| *other != guard);
        let units = match guard.portion < 1.0 {
            true => whole_lots(guard.portion * lot.entered, self.policies.account.lot),
            false => lot.units,
        };
        if units > 0.0 {
            let name = self.exits.get(guard.exit).cloned().unwrap_or_default();
            self.leave(index, units, at_market, place, ExitReason::Exit(name));
        }
    }

    /// Closes a share of what every lot of an instrument was entered with, at market.
    pub fn close_lots(&mut self, portion: f64, place: Place, reason: &ExitReason) {
        let mut index = 0;
        while let Some(lot) = self.lots(place.instrument).get(index) {
            let units = match portion < 1.0 {
                true => whole_lots(portion * lot.entered, self.policies.account.lot),
                false => lot.units,
            };
            let gone = units > 0.0 && self.leave(index, units, true, place, reason.clone());
            index += usize::from(!gone);
        }
    }

    /// Closes up to `units` of a lot; true where nothing is left of it.
    fn leave(&mut self, index: usize, units: f64, at_market: bool, place: Place, reason: ExitReason) -> bool {
        let Place { instrument, reference, .. } = place;
        let buying = self.lots(instrument)[index].side == Side::Short;
        let price = if at_market { market_price(&self.policies.costs, buying, reference) } else { reference };
        let fill = self.fill(place, price);
        self.ledger.close(instrument, index, units, fill, reason)
    }
}

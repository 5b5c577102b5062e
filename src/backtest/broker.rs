//! The broker: fills orders, stops and targets against the bars of one instant.

use std::collections::BTreeMap;

use crate::backtest::account::{Fill, Ledger, Lot, Moment};
use crate::backtest::costs::{affordable, market_price, whole_lots};
use crate::backtest::feed::{Bar, Prices};
use crate::backtest::order::{Action, Guard, Order, Quote, Terms, Trigger};
use crate::backtest::touch::{Touch, at_open, within};
use crate::backtest::{ExitReason, Policies};
use crate::node::{OpenPosition, Refusal, Side};
use crate::time::Timestamp;

/// Settles the terms of an order at its fill.
pub(super) trait Settle {
    /// How much to trade and how to protect it, or why not.
    fn terms(&mut self, order: &Order, quote: &Quote) -> Result<Terms, Refusal>;
}

/// A broker with one account and several instruments.
pub(super) struct Broker<'a> {
    pub ledger: Ledger,
    pub refused: BTreeMap<String, usize>,
    policies: Policies,
    feeds: &'a [Prices<'a>],
    /// Names of the instruments, for what is refused.
    instruments: Vec<String>,
    /// Names of the exits that guards point to.
    exits: Vec<String>,
    /// The last price of each instrument; zero before its first bar.
    marks: Vec<f64>,
    orders: Vec<Order>,
    step: usize,
    time: Timestamp,
}

impl<'a> Broker<'a> {
    pub fn new(policies: Policies, feeds: &'a [Prices<'a>], instruments: Vec<String>, exits: Vec<String>) -> Self {
        Self {
            ledger: Ledger::new(policies.account.cash, feeds.len(), policies.costs),
            refused: BTreeMap::new(),
            policies,
            feeds,
            instruments,
            exits,
            marks: vec![0.0; feeds.len()],
            orders: Vec::new(),
            step: 0,
            time: Timestamp(0),
        }
    }

    /// Accepts an order; it acts from the instrument's next bar, or at this close.
    pub fn submit(&mut self, order: Order) {
        self.orders.push(order);
    }

    /// Forgets every order of an instrument.
    pub fn cancel(&mut self, instrument: usize) {
        self.orders.retain(|order| order.instrument != instrument);
    }

    /// The oldest open lot of an instrument, as its exits see it.
    #[inline]
    pub fn position(&self, instrument: usize) -> Option<OpenPosition> {
        self.ledger.lots[instrument].first().map(|lot| lot.position(self.marks[instrument]))
    }

    /// Moves the stop and the target of an instrument's lots.
    #[inline]
    pub fn protect(&mut self, instrument: usize, stop: Option<Guard>, target: Option<Guard>) {
        for lot in &mut self.ledger.lots[instrument] {
            (lot.stop, lot.target) = (stop, target);
        }
    }

    /// The last price of each instrument; zero before its first bar.
    #[inline]
    pub fn marks(&self) -> &[f64] {
        &self.marks
    }

    /// Cash and what the open lots are worth at the last prices.
    fn equity(&self) -> f64 {
        self.ledger.cash + self.ledger.exposure(&self.marks).1
    }

    /// The bars of a new instant open: what fills at the open is filled. First what closes, so that
    /// what it frees can be used, then what enters.
    #[inline]
    pub fn open_bars(&mut self, step: usize, time: Timestamp, present: &[(usize, usize)], settle: &mut impl Settle) {
        (self.step, self.time) = (step, time);
        for &(instrument, bar) in present {
            self.marks[instrument] = self.feeds[instrument].open[bar];
        }
        let has_orders = !self.orders.is_empty();
        if has_orders {
            self.close_at_market(present);
        }
        for &(instrument, bar) in present {
            self.touch(instrument, self.feeds[instrument].bar(bar), at_open);
        }
        if !has_orders {
            return;
        }
        self.enter(present, settle, |trigger, side, bar| {
            let reached = match (trigger, side) {
                (Trigger::Market, _) => true,
                (Trigger::Limit(price), Side::Long) | (Trigger::Stop(price), Side::Short) => bar.open <= price,
                (Trigger::Limit(price), Side::Short) | (Trigger::Stop(price), Side::Long) => bar.open >= price,
            };
            reached.then_some((bar.open, Moment::Open))
        });
    }

    /// The bars run from open to close: stops and targets, then orders that wait for a price, then
    /// the stops and targets of what those entered.
    #[inline]
    pub fn run_bars(&mut self, present: &[(usize, usize)], settle: &mut impl Settle) {
        self.touch_within(present);
        if !self.orders.is_empty() {
            self.enter(present, settle, |trigger, side, bar| match (trigger, side) {
                (Trigger::Limit(price), Side::Long) if bar.low <= price => Some((price, Moment::LimitInside)),
                (Trigger::Limit(price), Side::Short) if bar.high >= price => Some((price, Moment::LimitInside)),
                (Trigger::Stop(price), Side::Long) if bar.high >= price => Some((price, Moment::StopInside)),
                (Trigger::Stop(price), Side::Short) if bar.low <= price => Some((price, Moment::StopInside)),
                _ => None,
            });
            self.touch_within(present);
        }
    }

    /// The bars close: open lots are marked and have been held for a bar more.
    #[inline]
    pub fn close_bars(&mut self, present: &[(usize, usize)]) {
        for &(instrument, bar) in present {
            let bar = self.feeds[instrument].bar(bar);
            self.marks[instrument] = bar.close;
            for lot in &mut self.ledger.lots[instrument] {
                lot.bars_held += 1;
                match lot.moment {
                    Moment::Before | Moment::Open => lot.saw(bar.low, bar.high),
                    Moment::LimitInside | Moment::StopInside => lot.saw(bar.close, bar.close),
                }
                lot.moment = Moment::Before;
            }
        }
    }

    /// Fills market orders at the close that the bars have just reached.
    pub fn fill_at_close(&mut self, present: &[(usize, usize)], settle: &mut impl Settle) {
        self.close_at_market(present);
        self.enter(present, settle, |trigger, _, bar| {
            (trigger == Trigger::Market).then_some((bar.close, Moment::Before))
        });
    }

    /// Closes every lot of an instrument at market, at its last price.
    pub fn close_all(&mut self, instrument: usize, reason: &ExitReason) {
        while let Some(lot) = self.ledger.lots[instrument].first() {
            let units = lot.units;
            self.leave(instrument, 0, units, self.marks[instrument], true, reason.clone());
        }
    }

    /// Counts something that was not done as asked.
    pub fn refuse(&mut self, what: String) {
        *self.refused.entry(what).or_default() += 1;
    }

    fn close_at_market(&mut self, present: &[(usize, usize)]) {
        let mut index = 0;
        while index < self.orders.len() {
            let order = &self.orders[index];
            let is_here = present.iter().any(|(instrument, _)| *instrument == order.instrument);
            match &order.action {
                Action::Close(reason) if is_here => {
                    let (instrument, reason) = (order.instrument, reason.clone());
                    self.orders.remove(index);
                    self.close_all(instrument, &reason);
                }
                _ => index += 1,
            }
        }
    }

    /// Fills the orders to enter whose trigger is reached, at a price before spread and slippage.
    fn enter(
        &mut self,
        present: &[(usize, usize)],
        settle: &mut impl Settle,
        reached: impl Fn(Trigger, Side, Bar) -> Option<(f64, Moment)>,
    ) {
        let mut index = 0;
        while index < self.orders.len() {
            let order = &self.orders[index];
            let bar = present.iter().find(|(instrument, _)| *instrument == order.instrument).map(|(_, bar)| *bar);
            let fill = match (bar, &order.action) {
                (Some(bar), Action::Enter(side, trigger)) => {
                    let at = reached(*trigger, *side, self.feeds[order.instrument].bar(bar));
                    at.map(|(price, moment)| (*side, *trigger, price, moment))
                }
                _ => None,
            };
            match fill {
                Some((side, trigger, reference, moment)) => {
                    let order = self.orders.remove(index);
                    let buying = side == Side::Long;
                    let price = match trigger {
                        Trigger::Limit(_) => reference,
                        _ => market_price(&self.policies.costs, buying, reference),
                    };
                    let fill = Fill { step: self.step, time: self.time, price, reference };
                    if let Err(why) = self.take_on(&order, side, fill, moment, settle) {
                        let instrument = &self.instruments[order.instrument];
                        self.refuse(format!("{instrument}: {} entry not filled: {why}", side.name()));
                    }
                }
                None => index += 1,
            }
        }
    }

    fn take_on(
        &mut self,
        order: &Order,
        side: Side,
        fill: Fill,
        moment: Moment,
        settle: &mut impl Settle,
    ) -> Result<(), Refusal> {
        if fill.price <= 0.0 {
            return Err("spread and slippage leave nothing of its price");
        }
        let quote = Quote { side, price: fill.price, equity: self.equity() };
        let terms = settle.terms(order, &quote)?;
        if !(terms.units > 0.0 && terms.units.is_finite()) {
            return Err("its size came to nothing");
        }
        let mut rest = terms.units;
        while let Some(lot) = self.ledger.lots[order.instrument].first().filter(|lot| lot.side != side) {
            if rest <= 0.0 {
                return Ok(());
            }
            let units = lot.units.min(rest);
            rest -= units;
            self.ledger.close(order.instrument, 0, units, fill, ExitReason::Reversal);
        }
        if rest <= 0.0 {
            return Ok(());
        }
        let (budget, lot) = (self.budget(), self.policies.account.lot);
        let units = whole_lots(rest.min(affordable(&self.policies.costs, fill.price, budget)), lot);
        if units <= 0.0 {
            return Err(match lot > 0.0 {
                true => "cash and leverage, or its size, allow less than one lot",
                false => "cash and leverage allow none of it",
            });
        }
        // A size that fits but for its commission is not worth a word: all of equity always does.
        if whole_lots(rest, lot) * fill.price > budget * (1.0 + 1e-9) {
            let instrument = &self.instruments[order.instrument];
            self.refuse(format!("{instrument}: {} entry filled in part: cash and leverage allow no more", side.name()));
        }
        self.ledger.open(order.instrument, side, Terms { units, ..terms }, fill, moment);
        Ok(())
    }

    /// What value and commission of a new lot may come to: what leverage leaves free. Without
    /// leverage that is the cash, less the proceeds of short sales.
    fn budget(&self) -> f64 {
        let leverage = self.policies.account.leverage;
        let (gross, net) = self.ledger.exposure(&self.marks);
        let free = leverage * (self.ledger.cash + net) - gross;
        if leverage <= 1.0 { free.min(self.ledger.cash) } else { free }
    }

    #[inline]
    fn touch_within(&mut self, present: &[(usize, usize)]) {
        let intrabar = self.policies.intrabar;
        for &(instrument, bar) in present {
            self.touch(instrument, self.feeds[instrument].bar(bar), |lot, bar| within(lot, bar, intrabar));
        }
    }

    #[inline]
    fn touch(&mut self, instrument: usize, bar: Bar, touched: impl Fn(&Lot, Bar) -> Option<Touch>) {
        let mut index = 0;
        while index < self.ledger.lots[instrument].len() {
            let lot = &mut self.ledger.lots[instrument][index];
            let Some(touch) = touched(lot, bar) else {
                index += 1;
                continue;
            };
            lot.ambiguous |= touch.ambiguous;
            let units = lot.units;
            let name = self.exits.get(touch.guard.exit).cloned().unwrap_or_default();
            self.leave(instrument, index, units, touch.price, touch.is_stop, ExitReason::Exit(name));
        }
    }

    fn leave(
        &mut self,
        instrument: usize,
        index: usize,
        units: f64,
        reference: f64,
        at_market: bool,
        reason: ExitReason,
    ) {
        let buying = self.ledger.lots[instrument][index].side == Side::Short;
        let price = if at_market { market_price(&self.policies.costs, buying, reference) } else { reference };
        let fill = Fill { step: self.step, time: self.time, price, reference };
        self.ledger.close(instrument, index, units, fill, reason);
    }
}

//! The broker: one account, several instruments, the orders that wait, and what a fill does.
//!
//! When an order, a stop or a target fills is for [`crate::backtest::matching`] to say.

use std::collections::BTreeMap;

use crate::backtest::accruals::Accruals;
use crate::backtest::costs::{Rates, whole_lots};
use crate::backtest::feed::Prices;
use crate::backtest::ledger::Ledger;
use crate::backtest::limits::{Volume, guards_on_tick};
use crate::backtest::lot::{DUST, Fill, Lot, Moment};
use crate::backtest::order::{Guard, GuardKind, Meets, Order, Quote, Size, Terms};
use crate::backtest::timeline::Timeline;
use crate::backtest::waiting::Waiting;
use crate::backtest::{ExitReason, Policies};
use crate::node::{OpenPosition, Refusal, Side};
use crate::strategy::Matching;
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
    pub part: usize,
    pub moment: Moment,
    /// The price before spread and slippage.
    pub reference: f64,
}

/// A broker with one account and several instruments.
pub(super) struct Broker<'a> {
    pub ledger: Ledger,
    pub refused: BTreeMap<(Option<usize>, String), usize>,
    pub policies: Policies,
    pub feeds: &'a [Prices<'a>],
    pub timeline: &'a Timeline,
    /// The step of the timeline that lasts.
    pub step: usize,
    /// The instant that it is: a bar that closes after it is known by its open alone.
    pub now: i64,
    /// Names of the exits that guards point to.
    exits: Vec<String>,
    /// The orders of each instrument that wait, in the order in which they were made.
    pub orders: Vec<Vec<Waiting>>,
    /// The instruments for which an order was made at another's close, since the engine last looked.
    pub elsewhere: Vec<usize>,
    /// How many orders and lots there have been.
    pub made: usize,
    /// Bars on which the order of events was to be looked up in finer ones, and there were none.
    pub without_finer: usize,
    pub volume: Volume,
    pub accruals: Accruals,
}

impl<'a> Broker<'a> {
    pub fn new(policies: Policies, feeds: &'a [Prices<'a>], timeline: &'a Timeline, exits: Vec<String>) -> Self {
        Self {
            ledger: Ledger::new(policies.account.cash, feeds.len(), policies.costs),
            refused: BTreeMap::new(),
            policies,
            feeds,
            timeline,
            step: 0,
            now: 0,
            exits,
            orders: vec![Vec::new(); feeds.len()],
            elsewhere: Vec::new(),
            made: 0,
            without_finer: 0,
            volume: Volume::new(&policies, feeds.len()),
            accruals: Accruals::new(&policies.costs, timeline),
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
        self.timeline.price_at(&self.feeds[instrument], instrument, step, now)
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

    /// Whether a stop or a target protects anything that is open on an instrument. Where none does, its bars need not
    /// be looked at.
    #[inline]
    pub fn is_guarded(&self, instrument: usize) -> bool {
        self.lots(instrument).iter().any(|lot| !lot.guards.is_empty())
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

    /// Gives every lot of an instrument these guards in place of its own, and what is still to fill of
    /// it too.
    pub fn protect(&mut self, instrument: usize, guards: &[Guard]) {
        let tick = self.policies.account.tick;
        for lot in &mut self.ledger.lots[instrument] {
            lot.protect(guards);
            guards_on_tick(tick, lot.side, &mut lot.guards);
        }
        for rest in self.orders[instrument].iter_mut().filter_map(|waiting| waiting.order.rest.as_mut()) {
            rest.guards.clear();
            rest.guards.extend_from_slice(guards);
        }
    }

    /// Every bar of an instrument before `end` is taken into what its lots saw.
    #[inline]
    pub fn see(&mut self, instrument: usize, end: usize) {
        let prices = &self.feeds[instrument];
        self.ledger.lots[instrument].iter_mut().for_each(|lot| lot.see(prices, end));
    }

    /// Counts something that was not done as asked.
    pub fn refuse(&mut self, instrument: Option<usize>, what: String) {
        *self.refused.entry((instrument, what)).or_default() += 1;
    }

    /// Fills an order to enter at a place, as far as the bar's volume lets it, of which there must be some
    /// ([`Broker::may_enter`]); a limit without spread and slippage. One to add to a position that is no more does nothing.
    pub fn enter(&mut self, waiting: Waiting, side: Side, at_market: bool, place: Place, settle: &mut impl Settle) {
        if self.adds_to_nothing(&waiting, side, place.instrument) {
            return;
        }
        if let Err(why) = self.take_on(waiting, side, at_market, place, settle) {
            self.not_filled(place.instrument, side, why);
        }
    }

    /// Whether an order is to add to a position that is no more.
    pub fn adds_to_nothing(&self, waiting: &Waiting, side: Side, instrument: usize) -> bool {
        waiting.order.meets == Meets::Adds && self.lots(instrument).iter().all(|lot| lot.side != side)
    }

    /// Counts an order to enter that was not filled.
    pub fn not_filled(&mut self, instrument: usize, side: Side, why: Refusal) {
        self.refuse(Some(instrument), format!("{} entry not filled: {why}", side.name()));
    }

    fn take_on(
        &mut self,
        mut waiting: Waiting,
        side: Side,
        at_market: bool,
        place: Place,
        settle: &mut impl Settle,
    ) -> Result<(), Refusal> {
        let Place { instrument, bar, .. } = place;
        let (buying, pine) = (side == Side::Long, self.policies.matching == Matching::Pine);
        let quoted = self.fill_price(place, buying, at_market, 0.0);
        let mut price = quoted.ok_or("its slippage was not known on the bar of the signal")?;
        if price <= 0.0 {
            return Err("spread and slippage leave nothing of its price");
        }
        if pine && self.lots(instrument).iter().any(|lot| lot.side == side) {
            return Err("a position of its side is open");
        }
        if pine || waiting.order.meets == Meets::Reverses {
            self.net(instrument, bar, side, f64::INFINITY, self.fill(place, price));
        }
        let going_on = waiting.order.rest.take();
        let goes_on = going_on.is_some();
        let quote = self.quote(&waiting, side, price, place);
        let unit_price = quote.unit_price;
        let Terms { size, mut guards } = match going_on {
            Some(rest) => rest,
            None => settle.terms(&waiting.order, &quote)?,
        };
        let units = match size {
            Size::Units(units) => units,
            Size::FreeMargin(fraction) => fraction * self.budget() / unit_price,
        };
        if !(units > 0.0 && units.is_finite()) {
            return Err("its size came to nothing");
        }
        let reduces = self.lots(instrument).first().is_some_and(|lot| lot.side != side);
        if !goes_on && !reduces && units * price < self.policies.account.minimum_notional {
            return Err("its value is below the minimum notional");
        }
        if self.policies.costs.impact > 0.0 && at_market {
            // Of a size that cash does not allow, only what it allows moves the price.
            let opposite: f64 = self.lots(instrument).iter().filter(|lot| lot.side != side).map(|lot| lot.units).sum();
            let allowed = self.rates(place).affordable(price, self.budget());
            let units = units.min(self.available(instrument, bar)).min(opposite + allowed);
            price = self.fill_price(place, buying, at_market, units).filter(|price| *price > 0.0).unwrap_or(price);
        }
        let fill = self.fill(place, price);
        let rest = self.net(instrument, bar, side, units, fill);
        if rest <= 0.0 {
            return Ok(());
        }
        let fills = self.available(instrument, bar);
        let units = if fills > 0.0 { self.allowed(side, rest, place, price)? } else { rest };
        if units > fills {
            let rest = Terms { size: Size::Units(units - fills), guards: guards.clone() };
            self.keep_rest(instrument, Order { rest: Some(rest), ..waiting.order.clone() });
        }
        if fills > 0.0 {
            let units = units.min(fills);
            guards_on_tick(self.policies.account.tick, side, &mut guards);
            self.volume.fill(instrument, bar, units);
            let number = self.next_number();
            self.ledger.open(side, units, guards, fill, place, number);
            settle.entered(instrument, &waiting.order);
        }
        Ok(())
    }

    /// How many of the units of an entry the account allows at a price.
    fn allowed(&mut self, side: Side, asked: f64, place: Place, price: f64) -> Result<f64, Refusal> {
        let (instrument, lot) = (place.instrument, self.policies.account.lot);
        if !self.has_room(instrument) {
            return Err("max_positions are held already");
        }
        let (asked, cap) = self.capped(instrument, side, price, asked)?;
        let budget = self.budget();
        let affordable = self.rates(place).affordable(price, budget);
        let units = whole_lots(asked.min(affordable), lot);
        if units <= 0.0 {
            return Err(match lot > 0.0 {
                true => "cash and leverage, or its size, allow less than one lot",
                false => "cash and leverage allow none of it",
            });
        }
        // A size that fits but for its commission is not worth a word: all of equity always does.
        let exceeds = whole_lots(asked, lot) * price > budget * (1.0 + 1e-9);
        let less = if exceeds { Some("cash and leverage allow no more") } else { cap.map(|cap| cap.less) };
        if let Some(less) = less {
            self.refuse(Some(instrument), format!("{} entry filled in part: {less}", side.name()));
        }
        Ok(units)
    }

    /// Closes up to so many units of lots that face the other way, the oldest first, as far as the bar's
    /// volume lets it; gives what is left.
    pub fn net(&mut self, instrument: usize, bar: usize, side: Side, mut units: f64, fill: Fill) -> f64 {
        while let Some(lot) = self.lots(instrument).first().filter(|lot| units > 0.0 && lot.side != side) {
            let closed = lot.units.min(units).min(self.available(instrument, bar));
            if closed <= 0.0 {
                break;
            }
            units -= closed;
            self.volume.fill(instrument, bar, closed);
            self.ledger.close(instrument, 0, closed, fill, ExitReason::Reversal);
        }
        units
    }

    /// A fill now, at a price.
    pub fn fill(&self, place: Place, price: f64) -> Fill {
        let time = self.time(place.instrument, place.bar);
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

    /// Fills a guard of a lot, which has it no more; true where that is so. A target fills as far as the
    /// bar's volume lets it, and stays for the rest.
    pub fn fill_guard(&mut self, guard: Guard, index: usize, at_market: bool, place: Place) -> bool {
        let Place { instrument, bar, .. } = place;
        let available = self.available(instrument, bar);
        let units = self.part(&self.lots(instrument)[index], guard.portion);
        let lot = &mut self.ledger.lots[instrument][index];
        let stays = guard.kind == GuardKind::Target && units > available;
        if stays {
            let filled = if guard.portion < 1.0 { available / lot.entered } else { 0.0 };
            let same = lot.guards.iter_mut().filter(|other| **other == guard);
            same.for_each(|guard| guard.portion -= filled);
        } else {
            lot.guards.retain(|other| *other != guard);
        }
        let reason = ExitReason::Exit(self.exits.get(guard.exit).cloned().unwrap_or_default());
        if units <= 0.0 {
            self.part_not_filled(instrument, &reason);
        }
        let units = if stays { available } else { units };
        if units > 0.0 {
            self.leave(index, units, at_market, place, reason);
        }
        !stays
    }

    /// Closes a share of what every lot of an instrument was entered with, at market.
    pub fn close_lots(&mut self, portion: f64, place: Place, reason: &ExitReason) {
        let mut index = 0;
        while let Some(lot) = self.lots(place.instrument).get(index) {
            let units = self.part(lot, portion);
            if units <= 0.0 {
                self.part_not_filled(place.instrument, reason);
            }
            let gone = units > 0.0 && self.leave(index, units, true, place, reason.clone());
            index += usize::from(!gone);
        }
    }

    /// Closes up to `units` of a lot, as far as the bar's volume lets it; the rest at the next opens. What
    /// has not been entered of the instrument is given up. True where nothing is left of the lot.
    pub fn leave(&mut self, index: usize, units: f64, at_market: bool, place: Place, reason: ExitReason) -> bool {
        let Place { instrument, bar, reference, .. } = place;
        // Where there are no bars any more, there is no volume to wait for.
        let last = matches!(reason, ExitReason::EndOfData | ExitReason::Delisted);
        let available = if last { f64::INFINITY } else { self.available(instrument, bar) };
        let later = units.min(self.lots(instrument)[index].units) - available;
        let units = units.min(available);
        self.orders[instrument].retain(|waiting| waiting.order.rest.is_none());
        let mut gone = false;
        if units > 0.0 {
            let buying = self.lots(instrument)[index].side == Side::Short;
            let price = self.fill_price(place, buying, at_market, units).unwrap_or(reference);
            self.volume.fill(instrument, bar, units);
            gone = self.ledger.close(instrument, index, units, self.fill(place, price), reason.clone());
        }
        if later > 0.0 && !gone {
            self.leave_later(instrument, index, later, reason);
        }
        if self.lots(instrument).is_empty() {
            self.orders[instrument].retain(|waiting| waiting.order.meets != Meets::Adds);
        }
        gone
    }

    /// The units of a share of what a lot was entered with; all of them where next to nothing were left.
    fn part(&self, lot: &Lot, portion: f64) -> f64 {
        let units = match portion < 1.0 {
            true => whole_lots(portion * lot.entered, self.policies.account.lot),
            false => lot.units,
        };
        if lot.units - units <= DUST * lot.entered { lot.units } else { units }
    }

    fn part_not_filled(&mut self, instrument: usize, reason: &ExitReason) {
        let what = format!("{} not filled: its part of the position is less than one lot", reason.name());
        self.refuse(Some(instrument), what);
    }

    /// The commission that holds where an order fills.
    pub fn rates(&self, place: Place) -> Rates {
        self.ledger.rates(self.time(place.instrument, place.bar))
    }

    fn time(&self, instrument: usize, bar: usize) -> Timestamp {
        Timestamp(self.feeds[instrument].timestamp[bar])
    }
}

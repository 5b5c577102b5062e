//! backtesting.py's rules (0.6.6): one queue, in which every order looks at the whole bar.
//!
//! Orders to close come first, the newest before the others; then stops, those of the newest lot first;
//! then targets and orders to enter in the order in which they came up. The margin is reckoned with the
//! close of the bar that is looked at.

use crate::backtest::ExitReason;
use crate::backtest::broker::{Broker, Place, Settle};
use crate::backtest::costs::whole_lots;
use crate::backtest::feed::Bar;
use crate::backtest::lot::{Fill, Lot, Moment};
use crate::backtest::matching::touch::Facing;
use crate::backtest::order::{Action, GuardKind, Size, Terms, Trigger};
use crate::backtest::waiting::Waiting;
use crate::node::{Refusal, Side};
use crate::strategy::Fill as FillPolicy;

/// Each of the bars that have closed is looked at, one instrument after the other.
pub fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    // Their closes are known.
    broker.now += 1;
    for &(instrument, bar) in closing {
        if broker.has_orders(instrument) || !broker.lots(instrument).is_empty() {
            broker.see(instrument, bar);
            let mut queue = Queue { broker: &mut *broker, instrument, bar, settle: &mut *settle };
            queue.close();
            while queue.pass() {}
        }
    }
    broker.now -= 1;
}

/// What is still open is closed as an order to close would be that was made a bar before the last.
pub fn end(broker: &mut Broker<'_>, instrument: usize) {
    broker.cancel(instrument);
    let bar = broker.feeds[instrument].end - 1;
    broker.see(instrument, bar);
    let place = market(broker, instrument, bar);
    while !broker.lots(instrument).is_empty() {
        leave(broker, 0, f64::INFINITY, place, ExitReason::EndOfData);
    }
}

/// Where a market order fills that is looked at with this bar.
fn market(broker: &Broker<'_>, instrument: usize, bar: usize) -> Place {
    let feed = &broker.feeds[instrument];
    match broker.policies.fill {
        FillPolicy::SameClose if bar > feed.start => {
            let bar = bar - 1;
            Place { instrument, bar, part: 0, moment: Moment::Close, reference: feed.close[bar] }
        }
        _ => Place { instrument, bar, part: 0, moment: Moment::Open, reference: feed.open[bar] },
    }
}

/// A fill that the account learns of now, though its bar may be the one before.
fn fill(broker: &Broker<'_>, place: Place, price: f64) -> Fill {
    let fill = broker.fill(place, price);
    match place.moment {
        Moment::Close => {
            let feed = &broker.feeds[place.instrument];
            Fill { step: broker.timeline.closing_step(feed, place.instrument, place.bar), ..fill }
        }
        _ => fill,
    }
}

/// Closes up to so many units of a lot, at the price as it is: the spread was paid at the entry.
fn leave(broker: &mut Broker<'_>, index: usize, units: f64, place: Place, reason: ExitReason) {
    let fill = fill(broker, place, place.reference);
    broker.ledger.close(place.instrument, index, units, fill, reason);
}

/// Something that waits in the queue.
#[derive(Clone, Copy)]
enum Item {
    /// The stops of the lot of this number.
    Stop(usize),
    /// Its targets.
    Target(usize),
    /// The order of this number.
    Enter(usize),
}

/// The queue of an instrument, beside a bar.
struct Queue<'q, 'a, S> {
    broker: &'q mut Broker<'a>,
    instrument: usize,
    bar: usize,
    settle: &'q mut S,
}

impl<S: Settle> Queue<'_, '_, S> {
    fn prices(&self) -> Bar {
        self.broker.feeds[self.instrument].bar(self.bar)
    }

    /// The orders to close, each a share of what every lot had when it was made.
    fn close(&mut self) {
        let place = market(self.broker, self.instrument, self.bar);
        let sizes: Vec<(usize, f64)> =
            self.broker.lots(self.instrument).iter().map(|lot| (lot.number, lot.units)).collect();
        for (number, ..) in self.broker.numbers(&[(self.instrument, self.bar)]).into_iter().rev() {
            let order = self.broker.order(self.instrument, number);
            if !order.is_some_and(|order| matches!(order.action, Action::Close(..))) {
                continue;
            }
            let taken = self.broker.take(self.instrument, number).map(|taken| taken.order.action);
            let Some(Action::Close(reason, portion)) = taken else { continue };
            for (lot, units) in sizes.iter().rev() {
                let step = self.broker.policies.account.lot;
                let units = match portion < 1.0 {
                    true if step > 0.0 => ((units * portion / step).round_ties_even() * step).max(step),
                    true => units * portion,
                    false => *units,
                };
                if let Some(index) = self.lot(*lot) {
                    leave(self.broker, index, units, place, reason.clone());
                }
            }
        }
    }

    /// Looks at everything in the queue once; true where it is to be looked at again.
    fn pass(&mut self) -> bool {
        let mut again = false;
        for item in self.items() {
            match item {
                Item::Stop(lot) => self.guard(lot, GuardKind::Stop),
                Item::Target(lot) => self.guard(lot, GuardKind::Target),
                Item::Enter(number) => again |= self.enter(number),
            }
        }
        again
    }

    fn items(&self) -> Vec<Item> {
        let lots = self.broker.lots(self.instrument);
        let has = |lot: &&Lot, kind| lot.nearest(kind).is_some();
        let stops = lots.iter().rev().filter(|lot| has(lot, GuardKind::Stop)).map(|lot| Item::Stop(lot.number));
        let targets = lots.iter().filter(|lot| has(lot, GuardKind::Target));
        let mut rest: Vec<(usize, Item)> = targets.map(|lot| (lot.number, Item::Target(lot.number))).collect();
        let orders = self.broker.numbers(&[(self.instrument, self.bar)]);
        rest.extend(orders.into_iter().map(|(number, ..)| (number, Item::Enter(number))));
        rest.sort_unstable_by_key(|(number, _)| *number);
        stops.chain(rest.into_iter().map(|(_, item)| item)).collect()
    }

    fn lot(&self, number: usize) -> Option<usize> {
        self.broker.lots(self.instrument).iter().position(|lot| lot.number == number)
    }

    /// Fills the stops or the targets of a lot that the bar reaches.
    fn guard(&mut self, number: usize, kind: GuardKind) {
        while let Some(index) = self.lot(number) {
            let lot = &self.broker.lots(self.instrument)[index];
            let facing = Facing::new(lot.side, self.prices());
            let (stop, target) = facing.reached(lot);
            let both = stop.is_some() && target.is_some();
            let Some((guard, price)) = (if kind == GuardKind::Stop { stop } else { target }) else { return };
            let price = match kind {
                GuardKind::Stop => facing.open.min(price),
                GuardKind::Target => facing.open.max(price),
            };
            let moment = if price == facing.open { Moment::Open } else { Moment::LimitInside };
            let (instrument, bar, reference) = (self.instrument, self.bar, facing.sign * price);
            self.broker.ledger.lots[instrument][index].ambiguous |= both;
            self.broker.fill_guard(guard, index, false, Place { instrument, bar, part: 0, moment, reference });
            self.settle.guard_filled(instrument, guard);
        }
    }

    /// Fills an order to enter that the bar reaches; true where its stop and target are to be looked at
    /// on the same bar.
    fn enter(&mut self, number: usize) -> bool {
        let order = self.broker.order(self.instrument, number);
        let Some(&Action::Enter(side, trigger)) = order.map(|order| &order.action) else { return false };
        let facing = Facing::new(side, self.prices());
        let place = match reached(trigger, &facing) {
            Reached::Not => return false,
            Reached::Limit(limit) => {
                self.broker.change(self.instrument, number, Action::Enter(side, Trigger::Limit(limit)));
                return false;
            }
            Reached::AtOnce => market(self.broker, self.instrument, self.bar),
            Reached::At(price, moment) => {
                let moment = if price == facing.open { Moment::Open } else { moment };
                Place { instrument: self.instrument, bar: self.bar, part: 0, moment, reference: facing.sign * price }
            }
        };
        let Some(waiting) = self.broker.take(self.instrument, number) else { return false };
        if self.broker.adds_to_nothing(&waiting, side, self.instrument) {
            return false;
        }
        match self.take_on(&waiting, side, place) {
            Ok(Some(lot)) => self.looks_again(lot, trigger, &facing),
            Ok(None) => false,
            Err(why) => {
                self.broker.not_filled(self.instrument, side, why);
                false
            }
        }
    }

    /// Fills an order, all of it or nothing; gives the number of the lot that it opened.
    fn take_on(&mut self, waiting: &Waiting, side: Side, place: Place) -> Result<Option<usize>, Refusal> {
        let Place { instrument, reference, .. } = place;
        let policies = self.broker.policies;
        let price = reference * (1.0 + side.sign() * policies.costs.spread);
        if price <= 0.0 {
            return Err("its spread leaves nothing of its price");
        }
        let quote = self.broker.quote(waiting, side, price, place);
        let Terms { size, guards } = self.settle.terms(&waiting.order, &quote)?;
        let rates = self.broker.rates(place);
        let per_unit = |size: f64| price + rates.commission(size, reference) / size;
        let (units, unit_price) = match size {
            Size::Units(units) => (whole_lots(units, policies.account.lot), per_unit(units)),
            Size::FreeMargin(fraction) => {
                // All of it is what backtesting.py takes for all: the largest fraction below one.
                let fraction = fraction.min(1.0 - f64::EPSILON);
                (whole_units(quote.base * fraction, per_unit(fraction), policies.account.lot), per_unit(fraction))
            }
        };
        if !(units > 0.0 && units.is_finite()) {
            return Err("its size came to nothing");
        }
        let rest = self.broker.net(instrument, self.bar, side, units, fill(self.broker, place, reference));
        if rest <= 0.0 {
            return Ok(None);
        }
        if rest * unit_price > self.broker.free_margin() {
            return Err("the free margin does not allow all of it");
        }
        let number = self.broker.next_number();
        self.broker.ledger.open(side, rest, guards, fill(self.broker, place, price), place, number);
        self.settle.entered(instrument, &waiting.order);
        Ok(Some(number))
    }

    /// Whether the stop and the target of a lot that has just been opened may fill on the same bar:
    /// after a market order; after a stop order where the target was reached and the stop was not.
    fn looks_again(&mut self, number: usize, trigger: Trigger, facing: &Facing) -> bool {
        let Some(index) = self.lot(number) else { return false };
        let lot = &mut self.broker.ledger.lots[self.instrument][index];
        let (stop, target) = facing.reached(lot);
        let again = match trigger {
            Trigger::Market => !lot.guards.is_empty(),
            Trigger::Stop(_) | Trigger::Trailing { .. } => target.is_some() && stop.is_none(),
            Trigger::Limit(_) | Trigger::StopLimit { .. } => false,
        };
        lot.ambiguous |= !again && (stop.is_some() || target.is_some());
        again
    }
}

/// What a bar does to an order to enter; prices as the order sees them.
enum Reached {
    Not,
    AtOnce,
    At(f64, Moment),
    /// From now on it is a limit order.
    Limit(f64),
}

fn reached(trigger: Trigger, facing: &Facing) -> Reached {
    let &Facing { sign, open, high, low } = facing;
    match trigger {
        Trigger::Market => Reached::AtOnce,
        Trigger::Limit(limit) if low <= sign * limit => Reached::At(open.min(sign * limit), Moment::LimitInside),
        Trigger::Stop(stop) | Trigger::Trailing { stop, .. } if high >= sign * stop => {
            Reached::At(open.max(sign * stop), Moment::StopInside)
        }
        // A limit on the near side of the stop may have been reached before it: that does not count.
        Trigger::StopLimit { stop, limit } if high >= sign * stop => {
            match low <= sign * limit && limit * sign > stop * sign {
                true => Reached::At(open.max(sign * stop).min(sign * limit), Moment::StopInside),
                false => Reached::Limit(limit),
            }
        }
        _ => Reached::Not,
    }
}

/// How many whole lots so much money buys.
fn whole_units(money: f64, unit_price: f64, lot: f64) -> f64 {
    if lot <= 0.0 {
        return money / unit_price;
    }
    let step = unit_price * lot;
    ((money - money % step) / step).round() * lot
}

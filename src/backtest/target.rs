//! Targets: orders that bring positions to shares of the equity.

use crate::backtest::ExitReason;
use crate::backtest::broker::{Broker, Place, Settle};
use crate::backtest::costs::whole_lots;
use crate::backtest::lot::{DUST, Moment};
use crate::backtest::order::{Action, Order, Quote, Size, Terms, Trigger};
use crate::backtest::waiting::Waiting;
use crate::node::{Refusal, Side};

/// What a position is to be increased by.
struct Increase {
    waiting: Waiting,
    share: f64,
    side: Side,
    units: f64,
    place: Place,
}

/// Settles the terms of an order whose size is known.
struct Sized(f64);

impl Settle for Sized {
    fn terms(&mut self, _: &Order, _: &Quote<'_>) -> Result<Terms, Refusal> {
        Ok(Terms { size: Size::Units(self.0), guards: Vec::new() })
    }
}

impl Waiting {
    /// The share of the equity that it is for, where it is for one.
    fn share(&self) -> Option<f64> {
        match self.order.action {
            Action::Target(share) => Some(share),
            _ => None,
        }
    }
}

impl Broker<'_> {
    /// Fills the orders for a share of the equity, of instruments whose bars open or close: first what is to
    /// become less, so that what it frees can be used, then what is to become more. All are shares of the
    /// equity before the first of these fills, at prices without costs. Where the account cannot carry all
    /// that is to become more, all of it becomes less in proportion.
    pub fn fill_targets(&mut self, present: &[(usize, usize)], moment: Moment) {
        if !present.iter().any(|(instrument, _)| self.has_target(*instrument)) {
            return;
        }
        let equity = self.equity().max(0.0);
        let mut increases = Vec::new();
        for (number, instrument, bar) in self.numbers(present) {
            let waiting = self.orders[instrument].iter().find(|waiting| waiting.number == number);
            let Some(share) = waiting.and_then(Waiting::share) else { continue };
            let feed = &self.feeds[instrument];
            let reference = if moment == Moment::Close { feed.close[bar] } else { feed.open[bar] };
            let place = Place { instrument, bar, part: 0, moment, reference };
            let units = whole_lots(share.abs() * equity / reference, self.policies.account.lot);
            let side = if share < 0.0 { Side::Short } else { Side::Long };
            self.see(instrument, bar + usize::from(moment == Moment::Close));
            let reduced = self.reduce(place, side, units);
            let held: f64 = self.lots(instrument).iter().map(|lot| lot.units).sum();
            let grows = units - held > DUST * units;
            // What waits for volume is sized anew at the next open.
            if !reduced || (grows && !self.may_enter(instrument, bar)) {
                continue;
            }
            if let Some(waiting) = self.take(instrument, number).filter(|_| grows) {
                increases.push(Increase { waiting, share, side, units: units - held, place });
            }
        }
        self.increase(increases);
    }

    /// Whether an order of an instrument for a share of the equity waits.
    fn has_target(&self, instrument: usize) -> bool {
        self.orders[instrument].iter().any(|waiting| waiting.share().is_some())
    }

    /// Closes what of a position is more than so many units on a side, the oldest lots first, as far as the
    /// bar's volume lets it; true where nothing is left to be closed.
    fn reduce(&mut self, place: Place, side: Side, units: f64) -> bool {
        let Place { instrument, bar, reference, .. } = place;
        let lots = self.lots(instrument);
        let held: f64 = lots.iter().map(|lot| lot.units).sum();
        let stays = if lots.iter().all(|lot| lot.side == side) { units } else { 0.0 };
        let (less, buying) = (held - stays, lots.first().is_some_and(|lot| lot.side == Side::Short));
        if less <= DUST * held {
            return true;
        }
        let closed = less.min(self.available(instrument, bar));
        if closed > 0.0 {
            let price = self.fill_price(place, buying, true, closed).unwrap_or(reference);
            self.volume.fill(instrument, bar, closed);
            let fill = self.fill(place, price);
            self.ledger.close_oldest(instrument, closed, fill, &ExitReason::Rebalance);
        }
        less - closed <= DUST * held
    }

    /// The part of some increases that the account can carry, costs included.
    fn affordable_part(&self, increases: &[Increase]) -> f64 {
        /// What is to be held in full fits but for rounding.
        const ROUNDING: f64 = 1.0 + 1e-12;
        let (budget, leverage) = (self.budget() * ROUNDING, self.policies.account.leverage.max(1.0));
        // What is lost to costs is missing from the equity, and as many times as much from what may be held.
        let cost = |Increase { side, units, place, .. }: &Increase, part: f64| {
            let units = units * part;
            let price = self.fill_price(*place, *side == Side::Long, true, units).unwrap_or(place.reference);
            let lost = units * (price - place.reference).abs() + self.rates(*place).commission(units, price);
            units * place.reference + leverage * lost
        };
        let fits = |part: f64| increases.iter().map(|increase| cost(increase, part)).sum::<f64>() <= budget;
        if fits(1.0) {
            return 1.0;
        }
        // Fees need not grow with the units: it is looked for, to the last bit.
        let (mut least, mut most) = (0.0, 1.0);
        for _ in 0..f64::MANTISSA_DIGITS {
            let middle = (least + most) / 2.0;
            *(if fits(middle) { &mut least } else { &mut most }) = middle;
        }
        least
    }

    fn increase(&mut self, increases: Vec<Increase>) {
        let part = self.affordable_part(&increases);
        // What costs take is not worth a word: where all of equity is held they always take something.
        let lacks = part < 0.99;
        // Others are still to open, and may free what is lacking.
        let waits = lacks && (0..self.feeds.len()).any(|instrument| self.has_target(instrument));
        if lacks && !waits {
            self.refuse(None, "rebalancing filled in part: cash and leverage allow no more".into());
        }
        // What fills at one open offsets each other: of the net value, the sum counts, and the weights were scaled to it.
        let max_net = self.policies.account.max_net.take();
        for Increase { mut waiting, share, side, units, place } in increases {
            // Cash that is left over by rounding buys nothing.
            if part > DUST {
                waiting.order.action = Action::Enter(side, Trigger::Market);
                self.enter(waiting, side, true, place, &mut Sized(units * part));
            }
            if waits && !self.has_orders(place.instrument) {
                self.submit(place.instrument, Order::target(share));
            }
        }
        self.policies.account.max_net = max_net;
    }
}

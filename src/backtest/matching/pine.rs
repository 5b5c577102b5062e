//! The rules of TradingView's broker emulator: the price walks from the open to the nearer extreme, to
//! the other and to the close, and whatever waits fills in the order in which it is met.

use crate::backtest::broker::{Broker, Place, Settle};
use crate::backtest::feed::Bar;
use crate::backtest::lot::Moment;
use crate::backtest::order::{Action, Guard, GuardKind, Trigger};
use crate::node::Side;

/// Each of the bars is walked, one instrument after the other. What fills at the open has done so.
pub fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    for &(instrument, bar) in closing {
        if !broker.has_orders(instrument) && broker.lots(instrument).is_empty() {
            continue;
        }
        broker.see(instrument, bar);
        let Bar { open, high, low, close } = broker.feeds[instrument].bar(bar);
        let (near, far) = if high - open < open - low { (high, low) } else { (low, high) };
        let mut price = open;
        for to in [near, far, close] {
            while let Some((met, what)) = next_met(broker, instrument, price, to) {
                price = met;
                fill(
                    broker,
                    Place { instrument, bar, part: 0, moment: Moment::LimitInside, reference: met },
                    what,
                    settle,
                );
            }
            price = to;
        }
    }
}

/// What the price meets on its way.
#[derive(Clone, Copy)]
enum Met {
    /// A stop or a target of the lot at this place among the instrument's lots.
    Guard(usize, Guard),
    /// The order of this number.
    Order(usize, Side, Trigger),
}

/// What is met first between two prices, and where: stops and targets before orders, older before newer.
fn next_met(broker: &Broker<'_>, instrument: usize, from: f64, to: f64) -> Option<(f64, Met)> {
    let mut first: Option<(f64, Met)> = None;
    let mut consider = |level: f64, rising: bool, what: Met| {
        let Some(price) = meets(level, rising, from, to) else { return };
        if first.is_none_or(|(best, _)| (price - from).abs() < (best - from).abs()) {
            first = Some((price, what));
        }
    };
    for (index, lot) in broker.lots(instrument).iter().enumerate() {
        for kind in [GuardKind::Stop, GuardKind::Target] {
            if let Some(guard) = lot.nearest(kind) {
                consider(
                    guard.price,
                    (lot.side == Side::Long) == (kind == GuardKind::Target),
                    Met::Guard(index, guard),
                );
            }
        }
    }
    for (number, ..) in broker.numbers(&[(instrument, 0)]) {
        let Some(&Action::Enter(side, trigger)) = broker.order(instrument, number).map(|order| &order.action) else {
            continue;
        };
        let (level, rising) = match trigger {
            Trigger::Market => continue,
            Trigger::Limit(limit) => (limit, side == Side::Short),
            Trigger::Stop(stop) | Trigger::StopLimit { stop, .. } | Trigger::Trailing { stop, .. } => {
                (stop, side == Side::Long)
            }
        };
        consider(level, rising, Met::Order(number, side, trigger));
    }
    first
}

/// Where on a way a level is met that acts at it and above (`rising`), or at it and below.
fn meets(level: f64, rising: bool, from: f64, to: f64) -> Option<f64> {
    let sign = if rising { 1.0 } else { -1.0 };
    match () {
        () if sign * from >= sign * level => Some(from),
        () if sign * to >= sign * level => Some(level),
        () => None,
    }
}

fn fill(broker: &mut Broker<'_>, place: Place, what: Met, settle: &mut impl Settle) {
    let Place { instrument, bar, .. } = place;
    match what {
        Met::Guard(index, guard) => {
            let Bar { high, low, .. } = broker.feeds[instrument].bar(bar);
            let lot = &mut broker.ledger.lots[instrument][index];
            let within = |kind| lot.nearest(kind).is_some_and(|guard| low <= guard.price && guard.price <= high);
            lot.ambiguous |= within(GuardKind::Stop) && within(GuardKind::Target);
            broker.fill_guard(guard, index, guard.kind == GuardKind::Stop, place);
            settle.guard_filled(instrument, guard);
        }
        Met::Order(number, side, Trigger::StopLimit { limit, .. }) => {
            broker.change(instrument, number, Action::Enter(side, Trigger::Limit(limit)));
        }
        Met::Order(number, side, trigger) => {
            let at_market = !matches!(trigger, Trigger::Limit(_));
            let moment = if at_market { Moment::StopInside } else { Moment::LimitInside };
            if let Some(taken) = broker.take(instrument, number) {
                broker.enter(&taken, side, at_market, Place { moment, ..place }, settle);
            }
        }
    }
}

//! The standard rules. At an open, what closes comes before what enters. Within a bar, stops and
//! targets come first, then the orders that wait for a price, then what protects those.

use crate::backtest::broker::{Broker, Place, Settle};
use crate::backtest::feed::Bar;
use crate::backtest::lot::{Lot, Moment};
use crate::backtest::matching::touch::{Touch, at_open, within};
use crate::backtest::order::{Action, Trigger};
use crate::node::Side;

/// Bars open: what fills at the open is filled. First what closes, so that what it frees can be
/// used, then what enters. `opening` are instruments with their bar.
pub fn open_bars(broker: &mut Broker<'_>, opening: &[(usize, usize)], settle: &mut impl Settle) {
    let has_orders = opening.iter().any(|(instrument, _)| broker.has_orders(*instrument));
    if has_orders {
        close_at_market(broker, opening, Moment::Open);
    }
    for &(instrument, bar) in opening {
        touch(broker, instrument, bar, settle, at_open);
    }
    if has_orders {
        enter(broker, opening, settle, |trigger, side, bar| fill_at_open(trigger, side, bar.open));
    }
}

/// Bars run from open to close: stops and targets, then orders that wait for a price, then the stops
/// and targets of what those entered.
pub fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    touch_within(broker, closing, settle);
    if closing.iter().any(|(instrument, _)| broker.has_orders(*instrument)) {
        enter(broker, closing, settle, fill_inside);
        touch_within(broker, closing, settle);
    }
}

/// Fills market orders at the close that the bars have just reached.
pub fn fill_at_close(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    close_at_market(broker, closing, Moment::Close);
    enter(broker, closing, settle, |trigger, _, bar| match trigger {
        Trigger::Market => Reached::Fill { reference: bar.close, at_market: true, moment: Moment::Close },
        _ => Reached::Not,
    });
}

/// What a bar does to an order that waits.
enum Reached {
    Not,
    Fill {
        reference: f64,
        at_market: bool,
        moment: Moment,
    },
    /// From now on it is a limit order.
    Limit(f64),
}

fn fill_at_open(trigger: Trigger, side: Side, open: f64) -> Reached {
    let at = |at_market: bool| Reached::Fill { reference: open, at_market, moment: Moment::Open };
    // As a long order sees them: for a short one, prices are mirrored at zero.
    let sign = side.sign();
    match trigger {
        Trigger::Market => at(true),
        Trigger::Limit(limit) if sign * open <= sign * limit => at(false),
        Trigger::Stop(stop) | Trigger::Trailing { stop, .. } if sign * open >= sign * stop => at(true),
        Trigger::StopLimit { stop, limit } if sign * open >= sign * stop => match sign * open <= sign * limit {
            true => at(false),
            false => Reached::Limit(limit),
        },
        _ => Reached::Not,
    }
}

fn fill_inside(trigger: Trigger, side: Side, bar: Bar) -> Reached {
    let sign = side.sign();
    let (down, up) = match side {
        Side::Long => (bar.low, bar.high),
        Side::Short => (-bar.high, -bar.low),
    };
    let at = |reference: f64, moment| Reached::Fill { reference, at_market: moment == Moment::StopInside, moment };
    match trigger {
        Trigger::Limit(limit) if down <= sign * limit => at(limit, Moment::LimitInside),
        Trigger::Stop(stop) | Trigger::Trailing { stop, .. } if up >= sign * stop => at(stop, Moment::StopInside),
        // Whether the price came back to a limit on the near side of the stop, the bar does not show.
        Trigger::StopLimit { stop, limit } if up >= sign * stop => match sign * stop <= sign * limit {
            true => Reached::Fill { reference: stop, at_market: false, moment: Moment::StopInside },
            false => Reached::Limit(limit),
        },
        _ => Reached::Not,
    }
}

fn close_at_market(broker: &mut Broker<'_>, present: &[(usize, usize)], moment: Moment) {
    for (number, instrument, bar) in broker.numbers(present) {
        let is_close = broker.order(instrument, number).is_some_and(|order| matches!(order.action, Action::Close(..)));
        if !is_close {
            continue;
        }
        if let Some(Action::Close(reason, portion)) = broker.take(instrument, number).map(|order| order.action) {
            broker.see(instrument, bar);
            let Bar { open, close, .. } = broker.feeds[instrument].bar(bar);
            let reference = if moment == Moment::Open { open } else { close };
            broker.close_lots(portion, Place { instrument, bar, moment, reference }, &reason);
        }
    }
}

/// Fills the orders to enter that a bar reaches, the oldest first.
fn enter(
    broker: &mut Broker<'_>,
    present: &[(usize, usize)],
    settle: &mut impl Settle,
    reached: impl Fn(Trigger, Side, Bar) -> Reached,
) {
    for (number, instrument, bar) in broker.numbers(present) {
        // A fill before it may have cancelled it.
        let Some(Action::Enter(side, trigger)) = broker.order(instrument, number).map(|order| &order.action) else {
            continue;
        };
        let side = *side;
        match reached(*trigger, side, broker.feeds[instrument].bar(bar)) {
            Reached::Not => {}
            Reached::Limit(limit) => broker.change(instrument, number, Action::Enter(side, Trigger::Limit(limit))),
            Reached::Fill { reference, at_market, moment } => {
                if !broker.may_enter(instrument, bar) {
                    continue;
                }
                if let Some(order) = broker.take(instrument, number) {
                    broker.see(instrument, bar);
                    let place = Place { instrument, bar, moment, reference };
                    broker.enter(order, side, at_market, place, settle);
                }
            }
        }
    }
}

fn touch_within(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    let intrabar = broker.policies.intrabar;
    for &(instrument, bar) in closing {
        touch(broker, instrument, bar, settle, |lot, index, bar| within(lot, index, bar, intrabar));
    }
}

/// Fills the guards of an instrument's lots that a bar touches.
#[inline]
fn touch(
    broker: &mut Broker<'_>,
    instrument: usize,
    bar: usize,
    settle: &mut impl Settle,
    touched: impl Fn(&Lot, usize, Bar) -> Option<Touch>,
) {
    if broker.lots(instrument).is_empty() {
        return;
    }
    broker.see(instrument, bar);
    let prices = broker.feeds[instrument].bar(bar);
    let mut index = 0;
    while index < broker.lots(instrument).len() {
        let Some(touch) = touched(&broker.lots(instrument)[index], bar, prices) else {
            index += 1;
            continue;
        };
        broker.ledger.lots[instrument][index].ambiguous |= touch.ambiguous;
        let place = Place { instrument, bar, moment: Moment::LimitInside, reference: touch.price };
        if !broker.fill_guard(touch.guard, index, place) {
            index += 1;
            continue;
        }
        settle.guard_filled(instrument, touch.guard);
    }
}

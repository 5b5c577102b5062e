//! The standard rules. At an open, what closes comes before what enters. Within a bar, stops and
//! targets come first, then the orders that wait for a price, then what protects those.

use crate::backtest::ExitReason;
use crate::backtest::broker::{Broker, Place, Settle};
use crate::backtest::feed::Bar;
use crate::backtest::lot::{Lot, Moment};
use crate::backtest::matching::touch::{Touch, View, at_open, within};
use crate::backtest::order::{Action, GuardKind, Trigger};
use crate::node::Side;
use crate::strategy::Intrabar;

/// Bars open: what fills at the open is filled. First what closes, so that what it frees can be
/// used, then what enters. `opening` are instruments with their bar.
pub fn open_bars(broker: &mut Broker<'_>, opening: &[(usize, usize)], settle: &mut impl Settle) {
    let has_orders = opening.iter().any(|(instrument, _)| broker.has_orders(*instrument));
    if has_orders {
        close_at_market(broker, opening, Moment::Open);
    }
    for &(instrument, bar) in opening {
        if broker.is_guarded(instrument) {
            touch(broker, instrument, View::whole(broker, instrument, bar), true, settle, at_open);
        }
    }
    if has_orders {
        broker.fill_targets(opening, Moment::Open);
        enter(broker, opening, None, settle, |trigger, side, bar| fill_at_open(trigger, side, bar.open));
    }
}

/// The same, stops and targets left alone.
pub fn open_orders(broker: &mut Broker<'_>, opening: &[(usize, usize)], settle: &mut impl Settle) {
    close_at_market(broker, opening, Moment::Open);
    enter(broker, opening, None, settle, |trigger, side, bar| fill_at_open(trigger, side, bar.open));
}

/// Bars run from open to close: stops and targets, then orders that wait for a price, then the stops
/// and targets of what those entered.
pub fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    if broker.policies.intrabar == Intrabar::FinerBars {
        closing.iter().for_each(|present| run_parts(broker, *present, settle));
        return;
    }
    touch_within(broker, closing, settle);
    if closing.iter().any(|(instrument, _)| broker.has_orders(*instrument)) {
        enter_inside(broker, closing, settle);
        touch_within(broker, closing, settle);
    }
}

/// A bar runs as the finer bars within it do, one after the other; as one where there are none.
fn run_parts(broker: &mut Broker<'_>, present: (usize, usize), settle: &mut impl Settle) {
    let (instrument, bar) = present;
    let feed = &broker.feeds[instrument];
    let guarded = broker.lots(instrument).iter().any(|lot| lot.first_touch(feed, bar, bar + 1).is_some());
    if !guarded && !broker.has_orders(instrument) {
        return;
    }
    let mut views: Vec<View> =
        feed.finer_within(bar).enumerate().map(|(part, prices)| View { bar, part, prices }).collect();
    if views.is_empty() {
        broker.without_finer += 1;
        views.push(View::whole(broker, instrument, bar));
    }
    for view in views {
        // The price may jump from one part to the next, as it does from bar to bar.
        if view.part > 0 {
            touch(broker, instrument, view, true, settle, at_open);
            enter(broker, &[present], Some(view), settle, fill_at_part_open);
        }
        touch(broker, instrument, view, true, settle, |lot, view| within(lot, view, Intrabar::FinerBars));
        if broker.has_orders(instrument) {
            enter(broker, &[present], Some(view), settle, fill_inside);
            touch(broker, instrument, view, true, settle, |lot, view| within(lot, view, Intrabar::FinerBars));
        }
    }
}

fn fill_at_part_open(trigger: Trigger, side: Side, part: Bar) -> Reached {
    match fill_at_open(trigger, side, part.open) {
        Reached::Fill { reference, at_market, .. } if trigger != Trigger::Market => {
            Reached::Fill { reference, at_market, moment: Moment::PartOpen }
        }
        Reached::Limit(limit) => Reached::Limit(limit),
        Reached::Fill { .. } | Reached::Not => Reached::Not,
    }
}

/// Fills market orders at the close that the bars have just reached.
pub fn fill_at_close(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    close_at_market(broker, closing, Moment::Close);
    broker.fill_targets(closing, Moment::Close);
    enter(broker, closing, None, settle, |trigger, _, bar| match trigger {
        Trigger::Market => Reached::Fill { reference: bar.close, at_market: true, moment: Moment::Close },
        _ => Reached::Not,
    });
}

/// Fills the orders to enter that wait for a price which the bars reach.
pub fn enter_inside(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    enter(broker, closing, None, settle, fill_inside);
}

/// Closes what is open on an instrument at its last close.
pub fn end(broker: &mut Broker<'_>, instrument: usize) {
    let bar = broker.feeds[instrument].end - 1;
    leave_all(broker, instrument, bar, &ExitReason::EndOfData);
}

/// Cancels the orders of an instrument, and closes what is open on it at the close of its bar.
pub fn leave_all(broker: &mut Broker<'_>, instrument: usize, bar: usize, reason: &ExitReason) {
    broker.cancel(instrument);
    broker.see(instrument, bar + 1);
    let reference = broker.feeds[instrument].close[bar];
    broker.close_lots(1.0, Place { instrument, bar, part: 0, moment: Moment::Close, reference }, reason);
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
        if let Some(Action::Close(reason, portion)) = broker.take(instrument, number).map(|taken| taken.order.action) {
            broker.see(instrument, bar);
            let Bar { open, close, .. } = broker.feeds[instrument].bar(bar);
            let reference = if moment == Moment::Open { open } else { close };
            broker.close_lots(portion, Place { instrument, bar, part: 0, moment, reference }, &reason);
        }
    }
}

/// Fills the orders to enter that a bar reaches, or the part of it that is given, the oldest first.
fn enter(
    broker: &mut Broker<'_>,
    present: &[(usize, usize)],
    part: Option<View>,
    settle: &mut impl Settle,
    reached: impl Fn(Trigger, Side, Bar) -> Reached,
) {
    for (number, instrument, bar) in broker.numbers(present) {
        // A fill before it may have cancelled it.
        let Some(Action::Enter(side, trigger)) = broker.order(instrument, number).map(|order| &order.action) else {
            continue;
        };
        let side = *side;
        let View { part, prices, .. } = part.unwrap_or_else(|| View::whole(broker, instrument, bar));
        match reached(*trigger, side, prices) {
            Reached::Not => {}
            Reached::Limit(limit) => broker.change(instrument, number, Action::Enter(side, Trigger::Limit(limit))),
            Reached::Fill { reference, at_market, moment } => {
                if !broker.may_enter(instrument, bar) {
                    continue;
                }
                if let Some(taken) = broker.take(instrument, number) {
                    broker.see(instrument, bar);
                    let place = Place { instrument, bar, part, moment, reference };
                    broker.enter(taken, side, at_market, place, settle);
                }
            }
        }
    }
}

fn touch_within(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    let intrabar = broker.policies.intrabar;
    for &(instrument, bar) in closing {
        if broker.is_guarded(instrument) {
            let view = View::whole(broker, instrument, bar);
            touch(broker, instrument, view, true, settle, |lot, view| within(lot, view, intrabar));
        }
    }
}

/// Fills the guards of an instrument's lots that a bar touches; stops at market, where they slip.
#[inline]
pub fn touch(
    broker: &mut Broker<'_>,
    instrument: usize,
    view: View,
    stops_slip: bool,
    settle: &mut impl Settle,
    touched: impl Fn(&mut Lot, &View) -> Option<Touch>,
) {
    if broker.lots(instrument).is_empty() {
        return;
    }
    broker.see(instrument, view.bar);
    let mut index = 0;
    while let Some(lot) = broker.ledger.lots[instrument].get_mut(index) {
        let Some(touch) = touched(lot, &view) else {
            index += 1;
            continue;
        };
        let View { bar, part, .. } = view;
        let place = Place { instrument, bar, part, moment: Moment::LimitInside, reference: touch.price };
        let slips = stops_slip && touch.guard.kind == GuardKind::Stop;
        if !broker.fill_guard(touch.guard, index, slips, place) {
            index += 1;
            continue;
        }
        settle.guard_filled(instrument, touch.guard);
    }
}

//! Touch: whether a bar reaches a lot's stop or target, and which comes first.

use crate::backtest::account::{Lot, Moment};
use crate::backtest::feed::Bar;
use crate::backtest::order::Guard;
use crate::node::Side;
use crate::strategy::Intrabar;

/// A stop or a target that was reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Touch {
    /// The price, before spread and slippage.
    pub price: f64,
    pub guard: Guard,
    /// A stop fills at market; a target is a limit.
    pub is_stop: bool,
    /// Whether the order of events inside the bar decided.
    pub ambiguous: bool,
}

/// A bar as a long position sees it: for a short one, prices are mirrored at zero.
struct Facing {
    sign: f64,
    open: f64,
    high: f64,
    low: f64,
}

impl Facing {
    fn new(side: Side, bar: Bar) -> Self {
        match side {
            Side::Long => Self { sign: 1.0, open: bar.open, high: bar.high, low: bar.low },
            Side::Short => Self { sign: -1.0, open: -bar.open, high: -bar.low, low: -bar.high },
        }
    }

    fn touch(&self, guard: Guard, price: f64, is_stop: bool, ambiguous: bool) -> Touch {
        Touch { price: self.sign * price, guard, is_stop, ambiguous }
    }
}

/// What fills at the open itself, because the price gapped through it.
#[inline]
pub(super) fn at_open(lot: &Lot, bar: Bar) -> Option<Touch> {
    if lot.stop.is_none() && lot.target.is_none() {
        return None;
    }
    let facing = Facing::new(lot.side, bar);
    let stop = lot.stop.filter(|guard| facing.open <= facing.sign * guard.price);
    let target = lot.target.filter(|guard| facing.open >= facing.sign * guard.price);
    let open = facing.open;
    stop.map(|guard| facing.touch(guard, open, true, false))
        .or_else(|| target.map(|guard| facing.touch(guard, open, false, false)))
}

/// What fills within the bar.
#[inline]
pub(super) fn within(lot: &Lot, bar: Bar, intrabar: Intrabar) -> Option<Touch> {
    if lot.stop.is_none() && lot.target.is_none() {
        return None;
    }
    match lot.moment {
        Moment::Before | Moment::Open => at_open(lot, bar).or_else(|| after_open(lot, bar, intrabar)),
        Moment::LimitInside | Moment::StopInside => after_inside(lot, bar, intrabar),
    }
}

/// For a lot that was open from the bar's open on.
fn after_open(lot: &Lot, bar: Bar, intrabar: Intrabar) -> Option<Touch> {
    let facing = Facing::new(lot.side, bar);
    let stop = lot.stop.filter(|guard| facing.low <= facing.sign * guard.price);
    let target = lot.target.filter(|guard| facing.high >= facing.sign * guard.price);
    let stop_first = match intrabar {
        Intrabar::StopFirst => true,
        Intrabar::TargetFirst => false,
        Intrabar::NearestExtreme => facing.open - facing.low <= facing.high - facing.open,
    };
    let both = stop.is_some() && target.is_some();
    let stop = stop.map(|guard| facing.touch(guard, facing.sign * guard.price, true, both));
    let target = target.map(|guard| facing.touch(guard, facing.sign * guard.price, false, both));
    if stop_first { stop.or(target) } else { target.or(stop) }
}

/// For a lot that was entered inside this bar. The price went from the open to the entry: a limit's
/// lot was entered against its direction, so that a stop beyond was reached after it; a stop's lot
/// with its direction, so that a target beyond was. The other of the two may have been reached
/// before the entry: a stop is taken as reached all the same, a target only where targets come first.
fn after_inside(lot: &Lot, bar: Bar, intrabar: Intrabar) -> Option<Touch> {
    let facing = Facing::new(lot.side, bar);
    let entry = facing.sign * lot.entry.reference;
    let (stop_is_sure, target_is_sure) = (lot.moment == Moment::LimitInside, lot.moment == Moment::StopInside);
    let stop = lot.stop.filter(|guard| facing.low <= facing.sign * guard.price);
    let target = lot.target.filter(|guard| facing.high >= facing.sign * guard.price);
    let both = stop.is_some() && target.is_some();
    let stop = stop.map(|guard| {
        let price = (facing.sign * guard.price).min(entry);
        facing.touch(guard, price, true, both || !stop_is_sure)
    });
    let target = target.map(|guard| {
        let price = (facing.sign * guard.price).max(entry);
        facing.touch(guard, price, false, both || !target_is_sure)
    });
    match intrabar {
        Intrabar::TargetFirst => target.or(stop),
        Intrabar::StopFirst | Intrabar::NearestExtreme => stop.or(target.filter(|_| target_is_sure)),
    }
}

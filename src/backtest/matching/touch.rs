//! Touch: whether a bar reaches a lot's stop or target, and which comes first.

use crate::backtest::broker::Broker;
use crate::backtest::feed::Bar;
use crate::backtest::lot::{Lot, Moment};
use crate::backtest::order::{Guard, GuardKind};
use crate::node::Side;
use crate::strategy::Intrabar;

/// A stop or a target that was reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Touch {
    /// The price, before spread and slippage.
    pub price: f64,
    pub guard: Guard,
}

/// A bar, or a part of one that a finer bar shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub bar: usize,
    pub part: usize,
    pub prices: Bar,
}

impl View {
    /// All of a bar.
    pub fn whole(broker: &Broker<'_>, instrument: usize, bar: usize) -> Self {
        Self { bar, part: 0, prices: broker.feeds[instrument].bar(bar) }
    }
}

/// A guard that a bar reaches, with its price as the bar is seen.
pub(super) type Reached = Option<(Guard, f64)>;

/// A bar as a long position sees it: for a short one, prices are mirrored at zero.
pub(super) struct Facing {
    pub sign: f64,
    pub open: f64,
    pub high: f64,
    pub low: f64,
}

impl Facing {
    pub fn new(side: Side, bar: Bar) -> Self {
        match side {
            Side::Long => Self { sign: 1.0, open: bar.open, high: bar.high, low: bar.low },
            Side::Short => Self { sign: -1.0, open: -bar.open, high: -bar.low, low: -bar.high },
        }
    }

    pub fn touch(&self, guard: Guard, price: f64) -> Touch {
        Touch { price: self.sign * price, guard }
    }

    /// The nearest stop and the nearest target of a lot, with their prices, where the bar reaches them.
    pub fn reached(&self, lot: &Lot) -> (Reached, Reached) {
        let priced = |kind| lot.nearest(kind).map(|guard| (guard, self.sign * guard.price));
        let stop = priced(GuardKind::Stop).filter(|(_, price)| self.low <= *price);
        (stop, priced(GuardKind::Target).filter(|(_, price)| self.high >= *price))
    }
}

/// What fills at the open itself, because the price gapped through it.
#[inline]
pub(super) fn at_open(lot: &mut Lot, view: &View) -> Option<Touch> {
    if lot.guards.is_empty() {
        return None;
    }
    let facing = Facing::new(lot.side, view.prices);
    let (stop, target) = facing.reached(lot);
    let stop = stop.filter(|(_, price)| facing.open <= *price);
    let target = target.filter(|(_, price)| facing.open >= *price);
    stop.or(target).map(|(guard, _)| facing.touch(guard, facing.open))
}

/// What fills within the bar. Marks the lot where that hangs on the order of events inside of it.
#[inline]
pub(super) fn within(lot: &mut Lot, view: &View, intrabar: Intrabar) -> Option<Touch> {
    if lot.guards.is_empty() {
        return None;
    }
    match lot.entered_inside(view.bar, view.part) {
        None => at_open(lot, view).or_else(|| after_open(lot, view.prices, intrabar)),
        Some(moment) => after_inside(lot, view.prices, moment, intrabar),
    }
}

/// For a lot that was open from the bar's open on.
fn after_open(lot: &mut Lot, bar: Bar, intrabar: Intrabar) -> Option<Touch> {
    let facing = Facing::new(lot.side, bar);
    let (stop, target) = facing.reached(lot);
    let stop_first = match intrabar {
        Intrabar::StopFirst | Intrabar::FinerBars => true,
        Intrabar::TargetFirst => false,
        Intrabar::NearestExtreme => facing.open - facing.low <= facing.high - facing.open,
    };
    lot.ambiguous |= stop.is_some() && target.is_some();
    let first = if stop_first { stop.or(target) } else { target.or(stop) };
    first.map(|(guard, price)| facing.touch(guard, price))
}

/// For a lot that was entered inside this bar. The price went from the open to the entry: a limit's
/// lot was entered against its direction, so that a stop beyond was reached after it; a stop's lot
/// with its direction, so that a target beyond was. The other of the two may have been reached
/// before the entry: a stop is taken as reached all the same, a target only where targets come first.
fn after_inside(lot: &mut Lot, bar: Bar, moment: Moment, intrabar: Intrabar) -> Option<Touch> {
    let facing = Facing::new(lot.side, bar);
    let entry = facing.sign * lot.entry.reference;
    let (stop_is_sure, target_is_sure) = (moment == Moment::LimitInside, moment == Moment::StopInside);
    let (stop, target) = facing.reached(lot);
    let unsure = (stop.is_some() && !stop_is_sure) || (target.is_some() && !target_is_sure);
    lot.ambiguous |= unsure || (stop.is_some() && target.is_some());
    let stop = stop.map(|(guard, price)| facing.touch(guard, price.min(entry)));
    let target = target.map(|(guard, price)| facing.touch(guard, price.max(entry)));
    match intrabar {
        Intrabar::TargetFirst => target.or(stop),
        Intrabar::StopFirst | Intrabar::NearestExtreme | Intrabar::FinerBars => {
            stop.or(target.filter(|_| target_is_sure))
        }
    }
}

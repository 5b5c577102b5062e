//! Lots: one fill's units until they are closed, and what they saw of the market.

use crate::backtest::ExitReason;
use crate::backtest::feed::Prices;
use crate::backtest::order::{Guard, GuardKind};
use crate::data::{highest, lowest};
use crate::node::Side;
use crate::time::Timestamp;

/// So little of a lot, or of what a position is to be, is left over by rounding: thirds of a lot leave far less.
pub(super) const DUST: f64 = 1e-9;

/// A fill: a place on the timeline, a price, and the price without spread and slippage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    pub step: usize,
    /// The step in which the account learns of it: the same one, or a later one.
    pub booked: usize,
    pub time: Timestamp,
    pub price: f64,
    pub reference: f64,
}

/// When in a bar a lot was entered: what of that bar it can have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// At its open: it saw the whole bar.
    Open,
    /// At the open of a part of it, which a finer bar shows.
    PartOpen,
    /// Somewhere inside, at a limit's or a stop's price.
    LimitInside,
    StopInside,
    /// At its close: it saw nothing of it.
    Close,
}

/// One fill's units, until they are closed.
#[derive(Clone, Debug)]
pub(super) struct Lot {
    pub side: Side,
    pub units: f64,
    /// The units of the fill, before any part was closed.
    pub entered: f64,
    pub entry: Fill,
    /// Its place in the order of all orders and lots.
    pub number: usize,
    /// The instrument's bar of the fill, and when in it.
    pub bar: usize,
    /// The part of that bar, where finer bars tell its parts apart; else 0.
    pub part: usize,
    pub moment: Moment,
    pub guards: Vec<Guard>,
    pub highest: f64,
    pub lowest: f64,
    /// The first bar that is not yet in the highest and lowest price.
    pub unseen: usize,
    /// Whether anything so far hung on the order of events inside a bar.
    pub ambiguous: bool,
    pub commission: f64,
    /// What of it is to be closed at the next opens, because the volume so far did not allow it.
    pub leaving: Option<Leaving>,
}

/// A part of a lot that is to be closed at market.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    pub units: f64,
    pub reason: ExitReason,
}

impl Lot {
    /// Bars that have closed since the fill, at the close of `bar`.
    #[inline]
    pub fn bars_held(&self, bar: usize) -> usize {
        bar + 1 - self.bar - usize::from(self.moment == Moment::Close)
    }

    /// The bar at whose close it will have been held for so many.
    #[inline]
    pub fn bar_held_for(&self, bars: usize) -> usize {
        (self.bar + bars + usize::from(self.moment == Moment::Close)).saturating_sub(1)
    }

    /// What it is worth at a price: negative for a short one.
    #[inline]
    pub fn value(&self, price: f64) -> f64 {
        self.side.sign() * (self.units * price)
    }

    /// Whether it was entered somewhere inside this part of a bar, and how.
    #[inline]
    pub fn entered_inside(&self, bar: usize, part: usize) -> Option<Moment> {
        let inside = matches!(self.moment, Moment::LimitInside | Moment::StopInside);
        (inside && self.bar == bar && self.part == part).then_some(self.moment)
    }

    /// Takes the bars before `end` into its highest and lowest price.
    #[inline]
    pub fn see(&mut self, prices: &Prices<'_>, end: usize) {
        if self.unseen == self.bar && end > self.bar {
            self.unseen += 1;
            match self.moment {
                Moment::Open => self.saw(prices.low[self.bar], prices.high[self.bar]),
                Moment::PartOpen | Moment::LimitInside | Moment::StopInside => {
                    self.saw(prices.close[self.bar], prices.close[self.bar]);
                }
                Moment::Close => {}
            }
        }
        if self.unseen < end {
            self.saw(lowest(&prices.low[self.unseen..end]), highest(&prices.high[self.unseen..end]));
            self.unseen = end;
        }
    }

    /// Takes a range of prices into its highest and lowest price.
    #[inline]
    pub fn saw(&mut self, low: f64, high: f64) {
        self.highest = self.highest.max(high);
        self.lowest = self.lowest.min(low);
    }

    /// Takes other guards in place of its own. What an exit has closed of its portion stays closed, and
    /// nothing protects a lot that is being closed.
    pub fn protect(&mut self, guards: &[Guard]) {
        if self.leaving.as_ref().is_some_and(|leaving| leaving.units >= self.units) {
            return;
        }
        let own: Vec<Guard> = self.guards.iter().copied().filter(|guard| guard.portion < 1.0).collect();
        self.guards.clear();
        self.guards.extend_from_slice(guards);
        for guard in self.guards.iter_mut().filter(|guard| guard.portion < 1.0) {
            let left = own.iter().find(|other| (other.exit, other.kind) == (guard.exit, guard.kind));
            guard.portion = left.map_or(guard.portion, |left| left.portion.min(guard.portion));
        }
    }

    /// The guard of a kind that the price reaches first.
    #[inline]
    pub fn nearest(&self, kind: GuardKind) -> Option<Guard> {
        let towards = self.side.sign() * if kind == GuardKind::Stop { 1.0 } else { -1.0 };
        let of_kind = self.guards.iter().filter(|guard| guard.kind == kind).copied();
        of_kind.reduce(|near, guard| if towards * guard.price > towards * near.price { guard } else { near })
    }

    /// The first bar of a range at which a guard may fill.
    pub fn first_touch(&self, prices: &Prices<'_>, from: usize, end: usize) -> Option<usize> {
        if self.guards.is_empty() {
            return None;
        }
        let (stop, target) = (self.nearest(GuardKind::Stop), self.nearest(GuardKind::Target));
        let price = |guard: Option<Guard>, never: f64| guard.map_or(never, |guard| guard.price);
        let (below, above) = match self.side {
            Side::Long => (price(stop, f64::NEG_INFINITY), price(target, f64::INFINITY)),
            Side::Short => (price(target, f64::NEG_INFINITY), price(stop, f64::INFINITY)),
        };
        first_outside(&prices.low[from..end], &prices.high[from..end], below, above).map(|bar| from + bar)
    }
}

/// The first bar whose low is at most `below` or whose high is at least `above`.
fn first_outside(low: &[f64], high: &[f64], below: f64, above: f64) -> Option<usize> {
    /// Bars looked at together: none of them is decided on alone, so that the machine compares several at once.
    const BARS: usize = 16;
    let reaches = |(low, high): (&f64, &f64)| (*low <= below) | (*high >= above);
    let any = |(low, high): (&[f64], &[f64])| low.iter().zip(high).fold(false, |any, bar| any | reaches(bar));
    let chunk = low.chunks(BARS).zip(high.chunks(BARS)).position(any)? * BARS;
    low[chunk..].iter().zip(&high[chunk..]).position(reaches).map(|bar| chunk + bar)
}

//! Curves: cash, equity and exposure on each step, from what changed and the prices in between.

use std::sync::Arc;

use crate::backtest::broker::Broker;
use crate::backtest::feed::Prices;
use crate::backtest::timeline::Timeline;
use crate::data::{Bars, Lazy, long_vector};

/// How many steps are drawn at a time: so many of a curve and of the prices stay in the nearer caches.
const STEPS: usize = 2048;

/// A value for each step of the timeline, as it was when the step ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    Equity,
    Cash,
    Exposure,
    NetExposure,
    BuyAndHold,
}

/// What happened to an account: all that its curves are drawn from.
pub(super) struct Course {
    timeline: Arc<Timeline>,
    instruments: Vec<Held>,
    /// From a step on there was so much cash.
    cash: Vec<(usize, f64)>,
}

/// What one instrument adds to the curves.
struct Held {
    bars: Bars,
    start: usize,
    end: usize,
    /// From a step on so many units were held; below zero where they were sold short.
    units: Vec<(usize, f64)>,
    /// From a step on a benchmark that buys and holds has this.
    bought: Vec<(usize, Bought)>,
}

/// Units and cash of a benchmark.
#[derive(Clone, Copy)]
struct Bought {
    units: f64,
    cash: f64,
}

impl Course {
    /// What a broker noted of instruments with these bars.
    pub fn new(broker: &Broker<'_>, bars: Vec<Bars>, timeline: Arc<Timeline>) -> Self {
        let mut cash = vec![(0, broker.policies.account.cash)];
        let held = |(instrument, (feed, bars)): (usize, (&Prices<'_>, Bars))| {
            let bought = bought(broker, instrument, feed);
            Held { bars, start: feed.start, end: feed.end, units: Vec::new(), bought }
        };
        let mut instruments: Vec<Held> = broker.feeds.iter().zip(bars).enumerate().map(held).collect();
        for change in &broker.ledger.changes {
            cash.push((change.step, change.cash));
            if let Some((instrument, units)) = change.position {
                instruments[instrument].units.push((change.step, units));
            }
        }
        Self { timeline, instruments, cash }
    }

    /// One of the curves, drawn when it is looked at.
    pub fn curve(self: &Arc<Self>, curve: Curve) -> Lazy<f64> {
        let course = self.clone();
        Lazy::new(move || course.draw(curve))
    }

    fn draw(&self, curve: Curve) -> Vec<f64> {
        let count = self.timeline.instants.len();
        let (mut values, mut part) = (long_vector(count), [0.0; STEPS]);
        for first in (0..count).step_by(STEPS) {
            let part = &mut part[..STEPS.min(count - first)];
            part.fill(0.0);
            self.draw_part(curve, first, part);
            values.extend_from_slice(part);
        }
        values
    }

    /// Draws the steps from `first` on. What is open is summed up in the order of the instruments: in that of what
    /// ends first, the last digit would hang on the future.
    fn draw_part(&self, curve: Curve, first: usize, values: &mut [f64]) {
        let mut prices = [0.0; STEPS];
        let prices = &mut prices[..values.len()];
        for (instrument, held) in self.instruments.iter().enumerate().filter(|_| curve != Curve::Cash) {
            let feed = Prices::of(&held.bars, held.start, held.end);
            self.timeline.prices(&feed, instrument, first, prices);
            if curve == Curve::BuyAndHold {
                for (from, to, Bought { units, cash }) in stretches(&held.bought, first, prices.len()) {
                    let steps = values[from..to].iter_mut().zip(&prices[from..to]);
                    steps.for_each(|(value, price)| *value += units * price + cash);
                }
                continue;
            }
            for (from, to, units) in stretches(&held.units, first, prices.len()).filter(|(.., units)| *units != 0.0) {
                let steps = values[from..to].iter_mut().zip(&prices[from..to]);
                match curve {
                    Curve::Exposure => steps.for_each(|(value, price)| *value += (units * price).abs()),
                    _ => steps.for_each(|(value, price)| *value += units * price),
                }
            }
        }
        if matches!(curve, Curve::Cash | Curve::Equity) {
            for (from, to, cash) in stretches(&self.cash, first, values.len()) {
                values[from..to].iter_mut().for_each(|value| *value += cash);
            }
        }
    }
}

/// What holds in `count` steps from `first` on: the places of the steps among them, and the value, which each of
/// `changes` gives from its step on.
fn stretches<T: Copy>(changes: &[(usize, T)], first: usize, count: usize) -> impl Iterator<Item = (usize, usize, T)> {
    let place = move |step: usize| step.saturating_sub(first).min(count);
    let begin = changes.partition_point(|(step, _)| *step <= first).saturating_sub(1);
    let now = changes[begin..].iter().take_while(move |(step, _)| *step < first + count);
    now.enumerate().map(move |(index, (step, value))| {
        let end = changes.get(begin + index + 1).map_or(count, |(next, _)| place(*next));
        (place(*step), end, *value)
    })
}

/// An equal part of the cash, with which the instrument is bought at its first close, without costs, and held. What
/// it pays is kept in cash.
fn bought(broker: &Broker<'_>, instrument: usize, feed: &Prices<'_>) -> Vec<(usize, Bought)> {
    let mut now = Bought { units: 0.0, cash: broker.policies.account.cash / broker.feeds.len() as f64 };
    let mut all = vec![(0, now)];
    if feed.start == feed.end {
        return all;
    }
    let first = broker.timeline.closing_step(feed, instrument, feed.start);
    now = Bought { units: now.cash / feed.close[feed.start], cash: 0.0 };
    all.push((first, now));
    for action in feed.actions.iter().filter(|action| (feed.start + 1..feed.end).contains(&action.bar)) {
        now.units *= action.split;
        now.cash += now.units * action.dividend;
        all.push((broker.timeline.step_of(instrument, action.bar).max(first), now));
    }
    all
}

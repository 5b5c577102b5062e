//! Curves: cash, equity and exposure on each step, from what changed and the prices in between.

use crate::backtest::broker::Broker;
use crate::backtest::ledger::Change;

/// A value for each step of the timeline, as it was when the step ended.
pub(super) struct Curves {
    pub equity: Vec<f64>,
    pub cash: Vec<f64>,
    pub exposure: Vec<f64>,
    pub net_exposure: Vec<f64>,
    pub buy_and_hold: Vec<f64>,
}

impl Curves {
    pub fn new(broker: &Broker<'_>) -> Self {
        let steps = broker.timeline.instants.len();
        let initial = broker.policies.account.cash;
        let changes = &broker.ledger.changes;
        let mut cash = Vec::with_capacity(steps);
        let mut last = initial;
        for change in changes {
            cash.resize(change.step, last);
            last = change.cash;
        }
        cash.resize(steps, last);
        let (mut exposure, mut net_exposure) = (vec![0.0; steps], vec![0.0; steps]);
        let mut held = vec![(0, 0.0); broker.feeds.len()];
        let ends = (0..broker.feeds.len()).map(|instrument| (steps, instrument, 0.0));
        let position = |change: &Change| change.position.map(|(instrument, units)| (change.step, instrument, units));
        for (step, instrument, now) in changes.iter().filter_map(position).chain(ends) {
            let (from, units) = std::mem::replace(&mut held[instrument], (step, now));
            if units != 0.0 {
                broker.prices_over(instrument, from, step, |step, price| {
                    let value = units * price;
                    exposure[step] += value.abs();
                    net_exposure[step] += value;
                });
            }
        }
        let equity = cash.iter().zip(&net_exposure).map(|(cash, net)| cash + net).collect();
        Self { equity, cash, exposure, net_exposure, buy_and_hold: buy_and_hold(broker, steps) }
    }
}

/// The equity of buying an equal part of each instrument at its first close and holding it, without
/// costs.
fn buy_and_hold(broker: &Broker<'_>, steps: usize) -> Vec<f64> {
    let part = broker.policies.account.cash / broker.feeds.len() as f64;
    let mut equity = vec![0.0; steps];
    for (instrument, feed) in broker.feeds.iter().enumerate() {
        let bought = match feed.start < feed.end {
            true => broker.timeline.closing_step(feed, instrument, feed.start),
            false => steps,
        };
        equity[..bought].iter_mut().for_each(|equity| *equity += part);
        if bought < steps {
            let units = part / feed.close[feed.start];
            broker.prices_over(instrument, bought, steps, |step, price| equity[step] += units * price);
        }
    }
    equity
}

impl Broker<'_> {
    /// An instrument's last known price when each of a range of steps ended. It must have had a bar by
    /// the first of them.
    #[inline]
    fn prices_over(&self, instrument: usize, from: usize, to: usize, mut take: impl FnMut(usize, f64)) {
        let (feed, timeline) = (&self.feeds[instrument], self.timeline);
        if let Some(bars) = timeline.closed_bars(feed, instrument, from, to) {
            (from..to).zip(&feed.close[bars]).for_each(|(step, price)| take(step, *price));
            return;
        }
        for step in from..to {
            let end = timeline.instants.get(step + 1).map_or(i64::MAX, |next| next.0);
            take(step, self.price_at(instrument, step, end));
        }
    }
}

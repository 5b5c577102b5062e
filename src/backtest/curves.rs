//! Curves: cash, equity and exposure on each step, from what changed and the prices in between.

use rayon::join;

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
        let own = || {
            let (exposure, net_exposure) = exposures(broker, steps);
            let cash = cash(broker, steps);
            let equity = cash.iter().zip(&net_exposure).map(|(cash, net)| cash + net).collect();
            (exposure, net_exposure, cash, equity)
        };
        let ((exposure, net_exposure, cash, equity), buy_and_hold) = join(own, || buy_and_hold(broker, steps));
        Self { equity, cash, exposure, net_exposure, buy_and_hold }
    }
}

fn cash(broker: &Broker<'_>, steps: usize) -> Vec<f64> {
    let mut cash = Vec::with_capacity(steps);
    let mut last = broker.policies.account.cash;
    for change in &broker.ledger.changes {
        cash.resize(change.step, last);
        last = change.cash;
    }
    cash.resize(steps, last);
    cash
}

/// The gross and the net value of what is open. Summed up in the order of the instruments: in that of
/// what ends first, the last digit would hang on the future.
fn exposures(broker: &Broker<'_>, steps: usize) -> (Vec<f64>, Vec<f64>) {
    let mut positions = vec![Vec::new(); broker.feeds.len()];
    for Change { step, position, .. } in &broker.ledger.changes {
        if let Some((instrument, units)) = position {
            positions[*instrument].push((*step, *units));
        }
    }
    let (mut gross, mut net) = (vec![0.0; steps], vec![0.0; steps]);
    for (instrument, changes) in positions.iter().enumerate() {
        let ends = changes.iter().skip(1).map(|(step, _)| *step).chain([steps]);
        for ((from, units), to) in changes.iter().zip(ends).filter(|((_, units), _)| *units != 0.0) {
            broker.prices_over(instrument, *from, to, |step, price| {
                let value = units * price;
                gross[step] += value.abs();
                net[step] += value;
            });
        }
    }
    (gross, net)
}

/// The equity of buying an equal part of each instrument at its first close and holding it, without
/// costs; what it pays is kept in cash.
fn buy_and_hold(broker: &Broker<'_>, steps: usize) -> Vec<f64> {
    let part = broker.policies.account.cash / broker.feeds.len() as f64;
    let mut equity = vec![0.0; steps];
    for (instrument, feed) in broker.feeds.iter().enumerate() {
        let bought = match feed.start < feed.end {
            true => broker.timeline.closing_step(feed, instrument, feed.start),
            false => steps,
        };
        equity[..bought].iter_mut().for_each(|equity| *equity += part);
        if bought >= steps {
            continue;
        }
        let (mut units, mut cash, mut from) = (part / feed.close[feed.start], 0.0, bought);
        let mut hold = |from: usize, to: usize, units: f64, cash: f64| {
            broker.prices_over(instrument, from, to, |step, price| equity[step] += units * price + cash);
        };
        for action in feed.actions.iter().filter(|action| (feed.start + 1..feed.end).contains(&action.bar)) {
            let step = broker.timeline.step_of(instrument, action.bar).max(from);
            hold(from, step, units, cash);
            units *= action.split;
            cash += units * action.dividend;
            from = step;
        }
        hold(from, steps, units, cash);
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

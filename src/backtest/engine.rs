//! The engine: steps the broker and a trader through the timeline, and keeps the equity.

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::feed::Prices;
use crate::backtest::order::{Action, Order};
use crate::backtest::timeline::Timeline;
use crate::backtest::{Backtest, ExitReason, Feed, Policies};
use crate::error::{Diagnostic, Result};
use crate::strategy::Fill;

/// Who makes orders at each close.
pub(super) trait Trader: Settle {
    /// A bar of an instrument has closed, and the timeline goes on: looks at what is open and submits
    /// orders.
    fn bar_closed(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize);
}

/// Runs a simulation. `exits` are the names that guards point to.
pub(super) fn run(
    policies: Policies,
    feeds: &[&Feed<'_>],
    exits: Vec<String>,
    trader: &mut impl Trader,
) -> Result<Backtest> {
    if feeds.is_empty() {
        return Err(Diagnostic::new("there is nothing to simulate: no instrument was given"));
    }
    let prices = feeds.iter().map(|feed| Prices::new(feed)).collect::<Result<Vec<_>>>()?;
    let names = feeds.iter().map(|feed| feed.instrument.to_string()).collect();
    let mut broker = Broker::new(policies, &prices, names, exits);
    let mut timeline = Timeline::new(&prices);
    let mut benchmark = Benchmark::new(policies.account.cash, prices.len());
    let longest = prices.iter().map(|feed| feed.end - feed.start).max().unwrap_or(0);
    let mut backtest = Backtest::empty(feeds, policies.account.cash, longest);
    // That an instrument's bars end before the others' is not known when they do: what is open on
    // it stays open at its last price until the timeline ends.
    let end = prices.iter().filter(|feed| feed.start < feed.end).map(|feed| feed.timestamp[feed.end - 1]).max();
    let mut present = Vec::with_capacity(prices.len());
    let mut stopped = false;
    while let Some(time) = timeline.advance(&mut present) {
        broker.open_bars(backtest.timestamps.len(), time, &present, trader);
        broker.run_bars(&present, trader);
        broker.close_bars(&present);
        let (mut gross, mut net) = broker.ledger.exposure(broker.marks());
        if !stopped && broker.ledger.cash + net <= 0.0 {
            stopped = true;
            broker.refuse(format!("the account was stopped at {time}: its equity fell to zero or below"));
            for instrument in 0..prices.len() {
                broker.cancel(instrument);
                if broker.position(instrument).is_some() {
                    broker.submit(Order { instrument, action: Action::Close(ExitReason::MarginCall), tag: 0 });
                }
            }
        }
        let is_last = Some(time.0) == end;
        if is_last {
            for instrument in 0..prices.len() {
                broker.cancel(instrument);
                broker.close_all(instrument, &ExitReason::EndOfData);
            }
        } else if !stopped {
            present.iter().for_each(|&(instrument, bar)| trader.bar_closed(&mut broker, instrument, bar));
        }
        if policies.fill == Fill::SameClose {
            broker.fill_at_close(&present, trader);
        }
        if is_last || policies.fill == Fill::SameClose {
            (gross, net) = broker.ledger.exposure(broker.marks());
        }
        present.iter().for_each(|&(instrument, _)| benchmark.price(instrument, broker.marks()[instrument]));
        backtest.timestamps.push(time);
        backtest.cash.push(broker.ledger.cash);
        backtest.equity.push(broker.ledger.cash + net);
        backtest.exposure.push(gross);
        backtest.net_exposure.push(net);
        backtest.buy_and_hold.push(benchmark.value(broker.marks()));
    }
    let refused = broker.refused.into_iter().collect();
    let ledger = broker.ledger;
    backtest = Backtest {
        trades: ledger.trades,
        commission: ledger.commission,
        slippage: ledger.slippage,
        traded_value: ledger.traded_value,
        refused,
        ..backtest
    };
    debug_assert_eq!(backtest.check_books(), Ok(()));
    Ok(backtest)
}

impl Backtest {
    fn empty(feeds: &[&Feed<'_>], initial_cash: f64, length: usize) -> Self {
        Self {
            universe: feeds.iter().map(|feed| feed.instrument.clone()).collect(),
            initial_cash,
            timestamps: Vec::with_capacity(length),
            equity: Vec::with_capacity(length),
            cash: Vec::with_capacity(length),
            exposure: Vec::with_capacity(length),
            net_exposure: Vec::with_capacity(length),
            buy_and_hold: Vec::with_capacity(length),
            trades: Vec::new(),
            commission: 0.0,
            slippage: 0.0,
            traded_value: 0.0,
            refused: Vec::new(),
        }
    }
}

/// Buying an equal part of each instrument at its first close and holding it, without costs.
struct Benchmark {
    part: f64,
    cash: f64,
    units: Vec<f64>,
}

impl Benchmark {
    fn new(cash: f64, instruments: usize) -> Self {
        Self { part: cash / instruments as f64, cash, units: vec![0.0; instruments] }
    }

    #[inline]
    fn price(&mut self, instrument: usize, close: f64) {
        if self.units[instrument] == 0.0 {
            self.units[instrument] = self.part / close;
            self.cash -= self.part;
        }
    }

    #[inline]
    fn value(&self, marks: &[f64]) -> f64 {
        self.cash + self.units.iter().zip(marks).map(|(units, mark)| units * mark).sum::<f64>()
    }
}

//! The account over time: equity, drawdown, what was held, and the Sharpe ratio of the last half year.

use serde_json::{Value, json};

use crate::metrics::{returns, rolling_sharpe};
use crate::pipeline::Outcome;
use crate::report::charts::thinning::{Thinning, last, lowest};

/// The account's columns, at most so many points each.
pub(super) fn timeline(outcome: &Outcome, points: usize) -> Value {
    let backtest = &outcome.backtest;
    let thinning = Thinning::new(backtest.timestamps.len(), points);
    let instants: Vec<i64> = backtest.timestamps.iter().map(|time| time.0).collect();
    let metrics = &outcome.metrics;
    let rolling = metrics.rolling.as_ref().zip(metrics.periods_per_year).map(|(rolling, periods_per_year)| {
        let returns = returns(backtest.initial_cash, &backtest.equity);
        thinning.column(&rolling_sharpe(&returns, rolling.bars, periods_per_year), last)
    });
    let of_equity = |(value, equity): (&f64, &f64)| value / equity * 100.0;
    let held: Vec<f64> = backtest.net_exposure.iter().zip(&backtest.equity).map(of_equity).collect();
    json!({
        "time": thinning.times(&instants),
        "equity": thinning.column(&backtest.equity, last),
        "buy_and_hold": thinning.column(&backtest.buy_and_hold, last),
        "drawdown": thinning.column(&drawdown(&backtest.equity, backtest.initial_cash), lowest),
        "exposure": thinning.column(&held, last),
        "rolling_sharpe": rolling,
    })
}

/// How far equity stands below its highest so far, in percent.
fn drawdown(equity: &[f64], initial: f64) -> Vec<f64> {
    let mut highest = initial;
    let mut fall = |value: &f64| {
        highest = highest.max(*value);
        (value / highest - 1.0) * 100.0
    };
    equity.iter().map(&mut fall).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawdown_is_measured_from_the_initial_equity_too() {
        assert_eq!(drawdown(&[50.0, 200.0, 100.0], 100.0), [-50.0, 0.0, -50.0]);
    }
}

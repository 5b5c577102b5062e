//! Metrics against empyrical, quantstats and backtesting.py, and where there is nothing to measure.

mod peers;
mod groups;
mod libraries;
mod speed;

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::Value;
use timeweave::backtest::Backtest;
use timeweave::metrics::{Metrics, backtesting_py};
use timeweave::time::Timestamp;

#[test]
fn metrics_of_nothing_are_null_and_never_nan() {
    let one_bar = backtest(&[100.0]);
    let metrics = Metrics::of(&one_bar);
    assert_eq!((metrics.performance.total_return, metrics.performance.sharpe, metrics.trading.trades), (0.0, None, 0));
    let flat = Metrics::of(&backtest(&[100.0; 50]));
    assert_eq!((flat.performance.cagr, flat.performance.volatility), (Some(0.0), Some(0.0)));
    assert_eq!((flat.performance.sharpe, flat.performance.sortino, flat.performance.calmar), (None, None, None));
    assert_eq!((flat.trading.win_rate, flat.trading.profit_factor, flat.trading.exposure), (None, None, Some(0.0)));
    let ruined = Metrics::of(&backtest(&[100.0, 50.0, 0.0, 0.0]));
    assert_eq!((ruined.performance.total_return, ruined.performance.cagr), (-1.0, Some(-1.0)));
    assert_eq!((ruined.performance.maximum_drawdown, ruined.performance.maximum_drawdown_bars), (-1.0, 3));
    let below_zero = Metrics::of(&backtest(&[100.0, 150.0, -30.0, -30.0]));
    assert_eq!(below_zero.performance.cagr, None);
    assert_eq!(below_zero.performance.maximum_drawdown, -30.0 / 150.0 - 1.0);
    for metrics in [metrics, flat, ruined, below_zero, Metrics::of(&backtest(&[]))] {
        assert_all_written(&metrics, &serde_json::to_value(&metrics).unwrap());
    }
}

proptest! {
    /// Whatever an account did, each figure is a number or none: also where it was flat, ruined or in debt.
    #[test]
    fn metrics_are_numbers_or_none(
        levels in prop::collection::vec(prop_oneof![Just(100.0), Just(0.0), -50.0..300.0], 0..80),
        gap in prop_oneof![Just(60), Just(86_400), Just(604_800)],
        repeat in 1_usize..4,
    ) {
        let equity: Vec<f64> = levels.iter().flat_map(|level| std::iter::repeat_n(*level, repeat)).collect();
        let mut backtest = backtest(&equity);
        backtest.timestamps = (0..equity.len() as i64).map(|bar| Timestamp(bar * gap * Timestamp::SECOND)).collect();
        backtest.buy_and_hold = equity.iter().rev().copied().collect::<Vec<_>>().into();
        let metrics = Metrics::of(&backtest);
        assert_all_written(&metrics, &serde_json::to_value(&metrics).unwrap());
        let peers = backtesting_py(&backtest.timestamps, &equity, &backtest.buy_and_hold, &[]);
        prop_assert!(peers.iter().all(|(_, figure)| figure.is_none_or(f64::is_finite)), "{:?}", peers);
    }
}

/// serde_json writes what is not a number as null. So every null must be an option's, and every number one.
fn assert_all_written(metrics: &Metrics, value: &Value) {
    let debug = format!("{metrics:?}");
    let is_number = |word: &str| !matches!(word, "NaN" | "inf" | "-inf");
    assert!(debug.split([' ', ',', '(', ')', '}']).all(is_number), "{debug}");
    // A year has no month, and none is written.
    let nulls = debug.matches("None").count() - metrics.by_year.len();
    assert_eq!(value.to_string().matches("null").count(), nulls, "{debug}");
    assert!(!has_negative_zero(value), "{value}");
}

fn has_negative_zero(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(has_negative_zero),
        Value::Array(values) => values.iter().any(has_negative_zero),
        value => value.as_f64().is_some_and(|number| number == 0.0 && number.is_sign_negative()),
    }
}

fn backtest(equity: &[f64]) -> Backtest {
    let timestamps = (0..equity.len() as i64).map(|day| Timestamp(day * Timestamp::DAY)).collect();
    Backtest {
        universe: vec!["us_equities/AAPL".parse().unwrap()],
        initial_cash: 100.0,
        final_equity: equity.last().copied().unwrap_or(100.0),
        timestamps,
        equity: equity.to_vec().into(),
        cash: equity.to_vec().into(),
        exposure: vec![0.0; equity.len()].into(),
        net_exposure: vec![0.0; equity.len()].into(),
        buy_and_hold: equity.to_vec().into(),
        trades: Vec::new(),
        delay: 0,
        accruals: Vec::new(),
        commission: 0.0,
        slippage: 0.0,
        traded_value: 0.0,
        without_finer_bars: 0,
        refused: Vec::new(),
    }
}

fn date(text: &Value) -> Timestamp {
    Timestamp::midnight(text.as_str().unwrap().parse::<NaiveDate>().unwrap())
}

fn near(what: &str, ours: Option<f64>, theirs: f64) {
    let ours = ours.unwrap_or_else(|| panic!("{what} is not defined; theirs is {theirs}"));
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs(), "{what}: {ours}, theirs {theirs}");
}

fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

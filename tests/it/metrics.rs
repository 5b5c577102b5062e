//! Metrics against empyrical, quantstats and backtesting.py.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Value;
use timeweave::backtest::Backtest;
use timeweave::metrics::{self, Metrics, Performance};
use timeweave::time::Timestamp;

use crate::broker;

/// Figures of metrics*.json that are ours too.
const COVERED: [&str; 11] = [
    "empyrical.annual_return",
    "empyrical.cum_return",
    "empyrical.annual_volatility",
    "empyrical.sharpe_ratio",
    "empyrical.sortino_ratio",
    "empyrical.calmar_ratio",
    "empyrical.max_drawdown",
    "empyrical.downside_risk",
    "quantstats.cagr",
    "quantstats.profit_factor",
    "quantstats.win_rate",
];

/// Figures of the same name as ours and of another meaning.
const DIFFERENT: [(&str, &str); 2] = [
    ("quantstats.exposure", "the share of returns that are not zero; ours is of bars with an open position"),
    ("quantstats.expected_return", "the geometric mean of a return; our expectancy is the mean profit of a trade"),
];

#[test]
fn metrics_agree_with_empyrical_and_quantstats() {
    let mut not_built = BTreeSet::new();
    let mut series = 0;
    for path in golden("metrics") {
        let golden: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for golden in golden.as_array().unwrap() {
            series += 1;
            let values = broker::numbers(&golden["values"]);
            let times: Vec<Timestamp> = golden["dates"].as_array().unwrap().iter().map(date).collect();
            let periods = metrics::periods_per_year(&times).unwrap();
            assert_eq!(Some(periods), golden["periods_per_year"].as_f64(), "told from the dates alone");
            let grow = |equity: &mut f64, value: &f64| {
                *equity *= 1.0 + value;
                Some(*equity)
            };
            let equity: Vec<f64> = values.iter().scan(1_000.0, grow).collect();
            let performance = Performance::of(1_000.0, &equity, &times, Some(periods));
            let traded: Vec<f64> = values.iter().copied().filter(|value| *value != 0.0).collect();
            for (name, theirs) in golden["figures"].as_object().unwrap() {
                let ours = match name.as_str() {
                    "empyrical.annual_return" | "quantstats.cagr" => performance.cagr,
                    "empyrical.cum_return" => Some(performance.total_return),
                    "empyrical.annual_volatility" => performance.volatility,
                    "empyrical.sharpe_ratio" => performance.sharpe,
                    "empyrical.sortino_ratio" => performance.sortino,
                    "empyrical.calmar_ratio" => performance.calmar,
                    "empyrical.max_drawdown" => Some(performance.maximum_drawdown),
                    "empyrical.downside_risk" => metrics::downside_risk(&values, periods),
                    // Of the days as if each were a trade; quantstats leaves out the days without a change.
                    "quantstats.profit_factor" => metrics::profit_factor(&values),
                    "quantstats.win_rate" => metrics::win_rate(&traded),
                    other => {
                        assert!(!COVERED.contains(&other));
                        not_built.insert(other.to_string());
                        continue;
                    }
                };
                near(&format!("{} of {}", name, golden["series"]), ours, theirs.as_f64().unwrap());
            }
        }
    }
    assert!(series > 0);
    for (name, why) in DIFFERENT {
        assert!(not_built.remove(name), "{name} is no longer there");
        println!("different by definition: {name}: {why}");
    }
    println!("not built: {not_built:?}");
}

/// Statistics of backtesting.py whose definition is ours, and those whose definition differs.
const STATS: [&str; 9] = [
    "Exposure Time [%]",
    "Return [%]",
    "Max. Drawdown [%]",
    "# Trades",
    "Win Rate [%]",
    "Best Trade [%]",
    "Worst Trade [%]",
    "Expectancy [%]",
    "Buy & Hold Return [%]",
];
const STATS_DIFFERENT: [(&str, &str); 9] = [
    ("Profit Factor", "of the trades' fractions; ours is of their profits in currency"),
    ("CAGR [%]", "years from calendar days; ours from the number of bars, as empyrical"),
    ("Volatility (Ann.) [%]", "compounds the variance; ours scales by the root of time, as empyrical"),
    ("Sharpe Ratio", "annual return over that volatility; ours as empyrical"),
    ("Sortino Ratio", "annual return over the downside risk; ours as empyrical"),
    ("Calmar Ratio", "its own annual return over the drawdown; ours as empyrical"),
    ("Avg. Trade [%]", "the geometric mean of the trades' fractions; not built"),
    ("Avg. Drawdown [%]", "not built"),
    ("SQN", "not built, as Kelly Criterion"),
];

#[test]
fn metrics_agree_with_backtesting_py() {
    let mut compared = 0;
    for path in broker::golden_files() {
        let golden: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for scenario in golden["scenarios"].as_array().unwrap() {
            let name = scenario["name"].as_str().unwrap();
            if !broker::is_covered(name) {
                continue;
            }
            let metrics = Metrics::of(&broker::run(scenario).unwrap());
            let trading = &metrics.trading;
            for stat in STATS {
                let percent = |figure: Option<f64>| figure.map(|figure| figure * 100.0);
                let ours = match stat {
                    "Exposure Time [%]" => percent(trading.exposure),
                    "Return [%]" => percent(Some(metrics.performance.total_return)),
                    "Max. Drawdown [%]" => percent(Some(metrics.performance.maximum_drawdown)),
                    "# Trades" => Some(trading.trades as f64),
                    "Win Rate [%]" => percent(trading.win_rate),
                    "Best Trade [%]" => percent(trading.best_trade),
                    "Worst Trade [%]" => percent(trading.worst_trade),
                    "Expectancy [%]" => percent(trading.expectancy_fraction),
                    _ => percent(Some(metrics.buy_and_hold.total_return)),
                };
                match scenario["stats"][stat].as_f64() {
                    Some(theirs) => near(&format!("{stat} of {name}"), ours, theirs),
                    None => println!("{name} has no {stat}"),
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 0);
    STATS_DIFFERENT.iter().for_each(|(stat, why)| println!("different by definition: {stat}: {why}"));
}

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
        assert_all_written(&serde_json::to_value(&metrics).unwrap());
    }
}

/// serde_json writes what is not a number as null, so a null must come from a figure that is an option.
fn assert_all_written(value: &Value) {
    let may_be_null = [
        "periods_per_year",
        "cagr",
        "volatility",
        "sharpe",
        "sortino",
        "calmar",
        "exposure",
        "win_rate",
        "profit_factor",
        "expectancy",
        "expectancy_fraction",
        "best_trade",
        "worst_trade",
        "average_holding_bars",
        "average_holding_days",
        "turnover",
    ];
    for (name, value) in value.as_object().unwrap() {
        match value {
            Value::Null => assert!(may_be_null.contains(&name.as_str()), "{name} is null"),
            Value::Object(_) => assert_all_written(value),
            _ => assert!(value.is_number(), "{name} is {value}"),
        }
    }
}

fn backtest(equity: &[f64]) -> Backtest {
    let timestamps = (0..equity.len() as i64).map(|day| Timestamp(day * Timestamp::DAY)).collect();
    Backtest {
        universe: vec!["us_equities/AAPL".parse().unwrap()],
        initial_cash: 100.0,
        timestamps,
        equity: equity.to_vec(),
        cash: equity.to_vec(),
        exposure: vec![0.0; equity.len()],
        net_exposure: vec![0.0; equity.len()],
        buy_and_hold: equity.to_vec(),
        trades: Vec::new(),
        accruals: Vec::new(),
        commission: 0.0,
        slippage: 0.0,
        traded_value: 0.0,
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

fn golden(prefix: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(prefix) && name.ends_with(".json")
    });
    files.sort();
    files
}

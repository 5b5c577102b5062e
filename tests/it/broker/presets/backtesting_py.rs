//! `preset: "backtesting_py"` against backtesting.py 0.6.6, beyond the golden file that every test reads.

use std::fs;
use std::path::Path;

use serde_json::Value;
use timeweave::strategy::Matching;

use crate::broker::{compare, replayed};

/// Orders of every kind mixed, as `benches/peers/backtesting_py.py` made them.
#[test]
fn broker_agrees_with_backtesting_py_on_mixed_orders() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/backtesting_py_mixed.json");
    let golden: Value = serde_json::from_str(&fs::read_to_string(kept).unwrap()).unwrap();
    let scenarios = golden["scenarios"].as_array().unwrap();
    let failures: Vec<String> = scenarios
        .iter()
        .filter_map(|scenario| {
            let backtest = replayed(scenario, Matching::BacktestingPy);
            let why = backtest.and_then(|backtest| compare(scenario, &backtest)).err()?;
            Some(format!("{}: {why}", scenario["name"]))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}: {failures:#?}", failures.len(), scenarios.len());
    let trades: usize = scenarios.iter().map(|scenario| scenario["trades"].as_array().unwrap().len()).sum();
    assert!(trades > 1000, "{trades} trades");
}

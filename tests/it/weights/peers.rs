//! Target weights beside vectorbt 1.2.0's `Portfolio.from_orders(size_type="targetpercent")`, as
//! `benches/peers/vectorbt_weights.py` ran it.
//!
//! The rules agree but in two places, which the scenarios stay away from. Where cash does not pay for
//! everything, vectorbt fills its orders one by one and cuts the last ones; we make all that increases smaller in
//! proportion. Where a weight changes its sign, vectorbt turns the position with one order, and we close it and open
//! another: a fixed fee is paid twice.

use std::fs;
use std::path::Path;

use serde_json::Value;
use timeweave::backtest::{Backtest, Policies};
use timeweave::strategy::{Account, Costs, Fill};

use super::{bars, days, hold};
use crate::broker::numbers;

#[test]
fn weights_agree_with_vectorbt_on_every_bar() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/vectorbt_weights.json");
    let golden: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let scenarios = golden["scenarios"].as_array().unwrap();
    let (mut orders, mut failures) = (0, Vec::new());
    for scenario in scenarios {
        orders += scenario["orders"].as_u64().unwrap();
        failures.extend(compare(scenario).err().map(|why| format!("{}: {why}", scenario["name"])));
    }
    println!("{} scenarios, {orders} orders", scenarios.len());
    assert!(failures.is_empty(), "{} of {}: {failures:#?}", failures.len(), scenarios.len());
    assert!(scenarios.len() >= 14 && orders >= 1_500, "{} scenarios, {orders} orders", scenarios.len());
}

fn compare(scenario: &Value) -> Result<(), String> {
    let setting = |name: &str| scenario["settings"][name].as_f64().unwrap_or(0.0);
    let costs = Costs {
        commission: setting("fees"),
        commission_fixed: setting("fixed_fees"),
        slippage: setting("slippage"),
        ..Costs::default()
    };
    let account = Account { cash: 100_000.0, ..Account::default() };
    let policies = Policies { costs, account, fill: Fill::SameClose, ..Policies::default() };
    let names = ["A", "B", "C"];
    let markets = names.map(|name| {
        let prices: Vec<(f64, f64)> = numbers(&scenario["closes"][name]).iter().map(|price| (*price, *price)).collect();
        days(&prices)
    });
    let wanted: Vec<Vec<f64>> = scenario["weights"].as_array().unwrap().iter().map(numbers).collect();
    let weights = [0, 1, 2].map(|place| wanted.iter().map(|row| row[place]).collect::<Vec<f64>>());
    let held: Vec<_> = markets.iter().zip(&weights).map(|(market, weights)| (market, weights.as_slice())).collect();
    let backtest = hold(policies, bars(scenario["settings"]["every"].as_u64().unwrap() as usize), &held);
    let (equity, ours) = (numbers(&scenario["equity"]), &backtest.equity);
    // On the last bar we close what is open and pay for it.
    for bar in 0..equity.len() - 1 {
        if (ours[bar] - equity[bar]).abs() > 1e-9 * equity[bar] {
            return Err(format!("the equity of bar {bar} is {}, theirs {}", ours[bar], equity[bar]));
        }
        let theirs = numbers(&scenario["units"][bar]);
        let own = held_units(&backtest, bar);
        if own.iter().zip(&theirs).any(|(own, theirs)| (own - theirs).abs() > 1e-9 * theirs.abs().max(1.0)) {
            return Err(format!("after bar {bar} {own:?} are held, theirs {theirs:?}"));
        }
    }
    Ok(())
}

/// The units of each instrument that are held when a bar has closed; short ones are negative.
fn held_units(backtest: &Backtest, bar: usize) -> [f64; 3] {
    let mut held = [0.0; 3];
    for trade in backtest.trades.iter().filter(|trade| trade.entry_bar <= bar && bar < trade.exit_bar) {
        held[trade.instrument] += trade.side.sign() * trade.units;
    }
    held
}

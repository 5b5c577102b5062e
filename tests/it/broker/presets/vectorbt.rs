//! `preset: "vectorbt"` against vectorbt 1.2.0's `Portfolio.from_signals`, as
//! `benches/peers/vectorbt_signals.py` ran it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use timeweave::backtest::{Backtest, EntryOrder, Feed, Market, Policies, Setup, SideSignals, simulate};
use timeweave::expr::{Argument, Level};
use timeweave::strategy::{Account, Costs, Fill, Matching};

use crate::broker::rules::{call, registry};
use crate::broker::{close, daily_bars, numbers};

#[test]
fn broker_agrees_with_vectorbt_on_every_signal() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/vectorbt_aapl.json");
    let golden: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let scenarios = golden["scenarios"].as_array().unwrap();
    let (mut trades, mut failures) = (0, Vec::new());
    for scenario in scenarios {
        trades += scenario["trades"].as_array().unwrap().len();
        let outcome = compare(scenario, &run(scenario));
        failures.extend(outcome.err().map(|why| format!("{}: {why}", scenario["name"])));
    }
    assert!(failures.is_empty(), "{} of {}: {failures:#?}", failures.len(), scenarios.len());
    println!("{} scenarios, {trades} trades", scenarios.len());
    assert!(scenarios.len() >= 26 && trades >= 500, "{} scenarios, {trades} trades", scenarios.len());
}

fn run(scenario: &Value) -> Backtest {
    let bars = daily_bars(scenario);
    let setting = |name: &str| scenario["settings"][name].as_f64();
    let cost = |name: &str| setting(name).unwrap_or(0.0);
    let policies = Policies {
        costs: Costs {
            commission: cost("fees"),
            commission_fixed: cost("fixed_fees"),
            slippage: cost("slippage"),
            ..Costs::default()
        },
        account: Account { cash: 100_000.0, ..Account::default() },
        matching: Matching::VectorBt,
        fill: Fill::SameClose,
        ..Policies::default()
    };
    let flags = ["enter", "exit", "short_enter", "short_exit"].map(|name| {
        let mut flags = vec![false; bars.len()];
        scenario["signals"][name]
            .as_array()
            .unwrap()
            .iter()
            .for_each(|bar| flags[bar.as_u64().unwrap() as usize] = true);
        flags
    });
    let [enter, exit, short_enter, short_exit] = &flags;
    let order = EntryOrder::default();
    let percent = |fraction: f64| Argument::Level(Level::Percent(fraction));
    let stop = setting("sl").map(|fraction| call("stop_loss", percent(fraction)));
    let target = setting("tp").map(|fraction| call("take_profit", percent(fraction)));
    let exits: Vec<_> = stop.into_iter().chain(target).collect();
    let market = Market {
        feed: Feed::new("us_equities/AAPL".parse().unwrap(), &bars),
        long: Some(SideSignals { enter, exit: Some(exit), order }),
        short: Some(SideSignals { enter: short_enter, exit: Some(short_exit), order }),
        exit_inputs: exits.iter().map(|_| Vec::new()).collect(),
        size_inputs: Vec::new(),
    };
    let (registry, size) = (registry(), call("percent", Argument::Percent(setting("percent").unwrap_or(1.0))));
    simulate(&Setup { registry: &registry, exits: &exits, size: &size, policies }, &[market]).unwrap()
}

fn compare(scenario: &Value, backtest: &Backtest) -> Result<(), String> {
    let theirs = scenario["trades"].as_array().unwrap();
    for (index, (ours, theirs)) in backtest.trades.iter().zip(theirs).enumerate() {
        let bar = |name: &str| theirs[name].as_u64().unwrap() as usize;
        if (ours.entry_bar, ours.exit_bar) != (bar("entry_bar"), bar("exit_bar")) {
            return Err(format!("trade {index} spans {} to {}, theirs {theirs}", ours.entry_bar, ours.exit_bar));
        }
        for (name, value) in [
            ("size", ours.side.sign() * ours.units),
            ("entry_price", ours.entry_price),
            ("exit_price", ours.exit_price),
            ("pnl", ours.profit),
            ("fees", ours.commission),
        ] {
            close(format!("{name} of trade {index}"), value, theirs[name].as_f64().unwrap())?;
        }
    }
    if backtest.trades.len() != theirs.len() {
        return Err(format!("{} trades, theirs {}", backtest.trades.len(), theirs.len()));
    }
    for (bar, (ours, theirs)) in backtest.equity.iter().zip(numbers(&scenario["equity"])).enumerate() {
        close(format!("equity of bar {bar}"), *ours, theirs)?;
    }
    backtest.check_books().map_err(|e| e.to_string())
}

//! Our side of `benches/peers/backtest.py`: a strategy over the bars of a Parquet file, from the file to
//! the figures once, then again and again with the bars in memory.
//!
//! `FILE sma_cross|stops REPEATS` prints a line of JSON.

#![allow(clippy::unwrap_used)] // what fails here fails the bench

use std::env;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use timeweave::data::Bars;
use timeweave::pipeline::{MarketData, Options, evaluate_on};
use timeweave::run::InstrumentBars;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe};

const SMA_CROSS: &str = r#"
    let m = bars("1m");
    let fast = sma(m.close, 50);
    let slow = sma(m.close, 200);
    strategy(#{
        universe: "made/UP",
        long: #{ enter: crosses_above(fast, slow), exit: crosses_below(fast, slow) },
        costs: #{ commission: percent(0.1) },
    })
"#;

const STOPS: &str = r#"
    let m = bars("1m");
    strategy(#{
        universe: "made/UP",
        long: #{ enter: crosses_above(sma(m.close, 50), sma(m.close, 200)) },
        exits: [stop_loss(percent(2)), take_profit(percent(4))],
        costs: #{ commission: percent(0.1) },
    })
"#;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [path, kind, repeats] = &arguments[..] else {
        println!("this is asked by benches/peers/backtest.py");
        return;
    };
    let text = if kind == "stops" { STOPS } else { SMA_CROSS };
    let began = Instant::now();
    let minute: Timeframe = "1m".parse().unwrap();
    let bars = Bars::read_parquet(Path::new(path), minute, &Calendar::Continuous).unwrap();
    let read = began.elapsed().as_secs_f64();
    let market = MarketData::from_bars(vec![InstrumentBars::new("made/UP".parse().unwrap(), [bars])]);
    let registry = standard_registry().unwrap();
    let strategy = compile(text, "peers.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap();
    let evaluated =
        || evaluate_on(strategy.clone(), &registry, market.clone(), &Options::default(), &mut |_| {}).unwrap();
    let first = evaluated().backtest(&registry).unwrap();
    let whole = began.elapsed().as_secs_f64();
    let peak = peak();
    let repeats = repeats.parse::<usize>().unwrap();
    let trades = timed(repeats, || evaluated().simulate(&registry).unwrap());
    let figures = timed(repeats, || evaluated().backtest(&registry).unwrap());
    let answer = json!({
        "read": read, "whole": whole, "peak": peak, "seconds": trades, "figures": figures,
        "trades": first.metrics.trading.trades, "equity": first.metrics.final_equity,
    });
    println!("{answer}");
}

/// The most memory that this process had so far, in kB, as Linux counts it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The seconds of each turn; what was made is dropped after the clock has stopped.
fn timed<T>(repeats: usize, work: impl Fn() -> T) -> Vec<f64> {
    let turn = |_| {
        let start = Instant::now();
        let made = work();
        let seconds = start.elapsed().as_secs_f64();
        drop(made);
        seconds
    };
    (0..repeats).map(turn).collect()
}

//! The statistics of backtesting.py, from its own equity and trades.

use serde_json::Value;
use timeweave::backtest::{ExitReason, Trade};
use timeweave::metrics::backtesting_py;
use timeweave::node::Side;
use timeweave::time::Timestamp;

use super::{date, golden};
use crate::broker;

fn trade(times: &[Timestamp], bars: [usize; 2], size: f64, prices: [f64; 2], profit: f64, commission: f64) -> Trade {
    Trade {
        instrument: 0,
        side: if size > 0.0 { Side::Long } else { Side::Short },
        units: size.abs(),
        entry_bar: bars[0],
        exit_bar: bars[1],
        entry_time: times[bars[0]],
        exit_time: times[bars[1]],
        entry_price: prices[0],
        exit_price: prices[1],
        commission,
        profit,
        profit_fraction: profit / (prices[0] * size.abs()),
        adverse_excursion: 0.0,
        favourable_excursion: 0.0,
        reason: ExitReason::Signal,
        ambiguous: false,
    }
}

/// Every figure of theirs is ours, and none where theirs is.
fn compare(what: &str, ours: &[(&'static str, Option<f64>)], theirs: &Value) -> usize {
    let theirs = theirs.as_object().unwrap();
    for (name, theirs) in theirs {
        let (_, ours) = ours.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name} is not ours"));
        match (*ours, theirs.as_f64()) {
            (None, None) => {}
            (Some(ours), Some(theirs)) => {
                assert!((ours - theirs).abs() <= 1e-9 * theirs.abs(), "{name} of {what}: {ours}, theirs {theirs}");
            }
            (ours, theirs) => panic!("{name} of {what}: {ours:?}, theirs {theirs:?}"),
        }
    }
    theirs.len()
}

#[test]
fn statistics_are_those_of_backtesting_py() {
    let more = golden("statistics.json");
    let (mut scenarios, mut figures) = (0, 0);
    for path in broker::golden_files() {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for scenario in file["scenarios"].as_array().unwrap() {
            let name = scenario["name"].as_str().unwrap();
            let times: Vec<Timestamp> = scenario["dates"].as_array().unwrap().iter().map(date).collect();
            let trades = scenario["trades"].as_array().unwrap().iter().map(|row| {
                let bar = |name: &str| row[name].as_u64().unwrap() as usize;
                let number = |name: &str| row[name].as_f64().unwrap();
                let prices = [number("entry_price"), number("exit_price")];
                let bars = [bar("entry_bar"), bar("exit_bar")];
                trade(&times, bars, number("size"), prices, number("pnl"), number("commission"))
            });
            let trades: Vec<Trade> = trades.collect();
            let (equity, closes) = (broker::numbers(&scenario["equity"]), broker::numbers(&scenario["close"]));
            let ours = backtesting_py(&times, &equity, &closes, &trades);
            figures += compare(name, &ours, &scenario["stats"]);
            if let Some(more) = more["backtesting_py"].get(name) {
                figures += compare(name, &ours, more);
            }
            scenarios += 1;
        }
    }
    assert!(scenarios >= 48 && figures >= 48 * 29, "{scenarios} scenarios, {figures} figures");
}

#[test]
fn statistics_are_those_of_backtesting_py_in_other_calendars() {
    let calendars = golden("statistics.json");
    let calendars = calendars["calendars"].as_array().unwrap();
    assert_eq!(calendars.len(), 9);
    for calendar in calendars {
        let seconds = calendar["seconds"].as_array().unwrap().iter();
        let times: Vec<Timestamp> = seconds.map(|time| Timestamp(time.as_i64().unwrap() * Timestamp::SECOND)).collect();
        let trades = calendar["trades"].as_array().unwrap().iter().map(|row| {
            let row = broker::numbers(row);
            trade(&times, [row[1] as usize, row[2] as usize], row[0], [row[3], row[4]], row[5], 0.0)
        });
        let trades: Vec<Trade> = trades.collect();
        let (equity, closes) = (broker::numbers(&calendar["equity"]), broker::numbers(&calendar["close"]));
        compare(
            calendar["name"].as_str().unwrap(),
            &backtesting_py(&times, &equity, &closes, &trades),
            &calendar["stats"],
        );
    }
}

#[test]
fn statistics_of_nothing() {
    assert!(backtesting_py(&[], &[], &[], &[]).is_empty());
}

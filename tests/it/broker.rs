//! The broker against backtesting.py, and its books.

mod account;
mod actions;
mod conditions;
mod costs;
mod entries;
mod figures;
mod finer;
mod liquidity;
mod orders;
mod parts;
pub(crate) mod play;
mod presets;
mod properties;
mod rules;
mod sizes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Value;
use timeweave::backtest::{Backtest, Entry, Feed, Policies, Request, RequestAction, Size, Trade, Trigger, replay};
use timeweave::data::Bars;
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill, Matching};
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// Kinds of golden scenarios whose trades the standard rules make as well.
const COVERED: [&str; 6] = ["market", "market_sl_tp", "short", "close_orders", "trade_on_close", "exclusive"];

/// Kinds of golden scenarios on which the standard rules part from backtesting.py's, and where.
const NOT_COVERED: [(&str, &str); 6] = [
    ("limit", "it ignores a stop or target that the entry bar touches, where the entry was a limit"),
    ("stop", "it ignores a stop that the entry bar touches, where the entry was a stop"),
    ("both_sides", "it drops an order that its margin does not allow in full; ours fills what cash allows"),
    ("fraction", "sizes as a fraction of its free margin"),
    ("leverage", "it looks at a stop inside the bar before a market order at the bar's open"),
    ("costs", "sizes as a fraction of its free margin, and the whole spread at entries only"),
];

#[test]
fn broker_agrees_with_backtesting_py_under_its_preset() {
    let (mut scenarios, mut trades, mut failures) = (0, 0, Vec::new());
    for path in golden_files() {
        let golden: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for scenario in golden["scenarios"].as_array().unwrap() {
            scenarios += 1;
            trades += scenario["trades"].as_array().unwrap().len();
            let outcome = replayed(scenario, Matching::BacktestingPy).and_then(|backtest| compare(scenario, &backtest));
            let name = format!("{} {}", path.file_name().unwrap().display(), scenario["name"]);
            failures.extend(outcome.err().map(|why| format!("{name}: {why}")));
        }
    }
    println!("{scenarios} scenarios, {trades} trades");
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(scenarios >= 48 && trades >= 615, "{scenarios} scenarios, {trades} trades");
}

#[test]
fn standard_rules_agree_with_backtesting_py_on_the_usual_orders() {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in golden_files() {
        let golden: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for scenario in golden["scenarios"].as_array().unwrap() {
            let name = scenario["name"].as_str().unwrap();
            let kind = name.rsplit_once('_').unwrap().0;
            if is_covered(name) {
                let count = counts.entry(kind.into()).or_default();
                *count = (count.0 + 1, count.1 + scenario["trades"].as_array().unwrap().len());
                let outcome = run(scenario).and_then(|backtest| compare(scenario, &backtest));
                failures.extend(outcome.err().map(|why| format!("{name}: {why}")));
            } else {
                assert!(NOT_COVERED.iter().any(|(other, _)| *other == kind), "the kind {kind} is on no list");
            }
        }
    }
    counts.iter().for_each(|(kind, (scenarios, trades))| println!("{kind}: {scenarios} scenarios, {trades} trades"));
    NOT_COVERED.iter().for_each(|(kind, why)| println!("not covered: {kind}: {why}"));
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(COVERED.iter().all(|kind| counts.contains_key(*kind)), "{counts:?}");
}

pub(crate) fn is_covered(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(kind, _)| COVERED.contains(&kind))
}

pub(crate) fn golden_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("broker_") && name.ends_with(".json")
    });
    files.sort();
    assert!(!files.is_empty());
    files
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// A scenario under the standard rules.
pub(crate) fn run(scenario: &Value) -> Result<Backtest, String> {
    replayed(scenario, Matching::Standard)
}

/// The bars of a scenario.
fn daily_bars(scenario: &Value) -> Bars {
    let dates = scenario["dates"].as_array().unwrap();
    let instant = |date: &Value| Timestamp::midnight(date.as_str().unwrap().parse::<NaiveDate>().unwrap()).0;
    let prices = ["open", "high", "low", "close"].map(|field| numbers(&scenario[field]));
    let [open, high, low, close] = prices;
    let volume = vec![0.0; dates.len()];
    let timestamps = dates.iter().map(instant).collect();
    Bars::new(Timeframe::DAY, &Calendar::Weekdays, timestamps, [open, high, low, close, volume]).unwrap()
}

fn replayed(scenario: &Value, matching: Matching) -> Result<Backtest, String> {
    let bars = daily_bars(scenario);
    let settings = &scenario["settings"];
    let setting = |name: &str| settings[name].as_f64().unwrap();
    let policies = Policies {
        costs: Costs {
            commission: setting("commission"),
            commission_fixed: settings["commission_fixed"].as_f64().unwrap_or(0.0),
            spread: setting("spread"),
            ..Costs::default()
        },
        account: Account { cash: setting("cash"), lot: 1.0, leverage: 1.0 / setting("margin"), ..Account::default() },
        matching,
        fill: if settings["trade_on_close"] == true { Fill::SameClose } else { Fill::NextOpen },
        ..Policies::default()
    };
    let mut requests = Vec::new();
    for order in scenario["orders"].as_array().unwrap() {
        let bar = order["bar"].as_u64().unwrap() as usize;
        let enter = |side| {
            let size = order["size"].as_f64().unwrap();
            let size = if size < 1.0 { Size::FreeMargin(size) } else { Size::Units(size) };
            let trigger = match (order["limit"].as_f64(), order["stop"].as_f64()) {
                (Some(limit), Some(stop)) => Trigger::StopLimit { stop, limit },
                (Some(price), None) => Trigger::Limit(price),
                (None, Some(price)) => Trigger::Stop(price),
                (None, None) => Trigger::Market,
            };
            let (stop, target) = (order["sl"].as_f64(), order["tp"].as_f64());
            RequestAction::Enter(Entry { size, trigger, stop, target, ..Entry::market(side, 1.0) })
        };
        if settings["exclusive_orders"] == true && order["action"] != "close" {
            requests.push(Request { instrument: 0, bar, action: RequestAction::Cancel });
            requests.push(Request { instrument: 0, bar, action: RequestAction::Close(1.0) });
        }
        let action = match order["action"].as_str().unwrap() {
            "buy" => enter(Side::Long),
            "sell" => enter(Side::Short),
            "close" => RequestAction::Close(order["portion"].as_f64().unwrap_or(1.0)),
            other => return Err(format!("the action {other}")),
        };
        requests.push(Request { instrument: 0, bar, action });
    }
    // backtesting.py closes what is open at the end at the open of the last bar (with
    // trade_on_close, at the close before it), as its preset does; under other rules it takes an
    // order to close that is made a bar earlier.
    if matching != Matching::BacktestingPy {
        requests.push(Request { instrument: 0, bar: bars.len() - 2, action: RequestAction::Close(1.0) });
    }
    let feed = Feed::new("us_equities/AAPL".parse().unwrap(), &bars);
    replay(policies, &[feed], &requests).map_err(|e| e.to_string())
}

/// Whether a figure agrees to one part in 10⁹, and to 10⁻⁹ near zero.
fn close(what: String, ours: f64, theirs: f64) -> Result<(), String> {
    let near = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
    near.then_some(()).ok_or_else(|| format!("{what}: {ours}, theirs {theirs}"))
}

fn compare(scenario: &Value, backtest: &Backtest) -> Result<(), String> {
    let mut ours: Vec<_> = backtest.trades.iter().collect();
    let size = |trade: &Trade| trade.side.sign() * trade.units;
    ours.sort_by(|a, b| {
        let key = |t: &Trade| (t.entry_bar, t.exit_bar);
        key(a).cmp(&key(b)).then(size(a).total_cmp(&size(b))).then(a.entry_price.total_cmp(&b.entry_price))
    });
    let theirs = scenario["trades"].as_array().unwrap();
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let bar = |name: &str| theirs[name].as_u64().unwrap() as usize;
        if (ours.entry_bar, ours.exit_bar) != (bar("entry_bar"), bar("exit_bar")) {
            let (a, b) = (ours.entry_bar, ours.exit_bar);
            return Err(format!("trade {index} spans {a} to {b}, backtesting.py {theirs}"));
        }
        for (name, value) in [
            ("size", size(ours)),
            ("entry_price", ours.entry_price),
            ("exit_price", ours.exit_price),
            ("pnl", ours.profit),
            ("commission", ours.commission),
        ] {
            close(format!("{name} of trade {index}"), value, theirs[name].as_f64().unwrap())?;
        }
    }
    if ours.len() != theirs.len() {
        return Err(format!("{} trades, backtesting.py {}", ours.len(), theirs.len()));
    }
    for (bar, (ours, theirs)) in backtest.equity.iter().zip(numbers(&scenario["equity"])).enumerate() {
        close(format!("equity of bar {bar}"), *ours, theirs)?;
    }
    close("final equity".into(), *backtest.equity.last().unwrap(), scenario["final_equity"].as_f64().unwrap())?;
    backtest.check_books().map_err(|e| e.to_string())
}

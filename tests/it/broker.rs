//! The broker against backtesting.py, and its books.

mod entries;
mod orders;
mod parts;
pub(crate) mod play;
mod properties;
mod rules;
mod sizes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Value;
use timeweave::backtest::{Backtest, Entry, Feed, Policies, Request, RequestAction, Trade, Trigger, replay};
use timeweave::data::Bars;
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill};
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// Kinds of golden scenarios that agree trade by trade.
const COVERED: [&str; 6] = ["market", "market_sl_tp", "short", "close_orders", "trade_on_close", "exclusive"];

/// Kinds of golden scenarios that are not covered yet, and where the two brokers part.
const NOT_COVERED: [(&str, &str); 6] = [
    ("limit", "it ignores a stop or target that the entry bar touches, where the entry was a limit"),
    ("stop", "it ignores a stop that the entry bar touches, where the entry was a stop"),
    ("both_sides", "it drops an order that its margin does not allow in full; ours fills what cash allows"),
    ("fraction", "sizes as a fraction of its free margin"),
    ("leverage", "it looks at a stop inside the bar before a market order at the bar's open"),
    ("costs", "sizes as a fraction of its free margin, and the whole spread at entries only"),
];

#[test]
fn broker_agrees_with_backtesting_py() {
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

pub(crate) fn run(scenario: &Value) -> Result<Backtest, String> {
    let dates = scenario["dates"].as_array().unwrap();
    let instant = |date: &Value| Timestamp::midnight(date.as_str().unwrap().parse::<NaiveDate>().unwrap()).0;
    let prices = ["open", "high", "low", "close"].map(|field| numbers(&scenario[field]));
    let [open, high, low, close] = prices;
    let volume = vec![0.0; dates.len()];
    let timestamps = dates.iter().map(instant).collect();
    let bars = Bars::new(Timeframe::DAY, &Calendar::Weekdays, timestamps, [open, high, low, close, volume]).unwrap();
    let settings = &scenario["settings"];
    let setting = |name: &str| settings[name].as_f64().unwrap();
    let policies = Policies {
        costs: Costs { commission: setting("commission"), spread: setting("spread"), ..Costs::default() },
        account: Account { cash: setting("cash"), lot: 1.0, leverage: 1.0 / setting("margin") },
        fill: if settings["trade_on_close"] == true { Fill::SameClose } else { Fill::NextOpen },
        ..Policies::default()
    };
    let mut requests = Vec::new();
    for order in scenario["orders"].as_array().unwrap() {
        let bar = order["bar"].as_u64().unwrap() as usize;
        let enter = |side| {
            let units = order["size"].as_f64().unwrap();
            if units < 1.0 {
                return Err("a size as a fraction of the free margin".to_string());
            }
            let trigger = match (order["limit"].as_f64(), order["stop"].as_f64()) {
                (Some(price), None) => Trigger::Limit(price),
                (None, Some(price)) => Trigger::Stop(price),
                _ => Trigger::Market,
            };
            let (stop, target) = (order["sl"].as_f64(), order["tp"].as_f64());
            Ok(RequestAction::Enter(Entry { trigger, stop, target, ..Entry::market(side, units) }))
        };
        if settings["exclusive_orders"] == true {
            requests.push(Request { instrument: 0, bar, action: RequestAction::Close(1.0) });
        }
        let action = match order["action"].as_str().unwrap() {
            "buy" => enter(Side::Long)?,
            "sell" => enter(Side::Short)?,
            "close" => RequestAction::Close(1.0),
            other => return Err(format!("the action {other}")),
        };
        requests.push(Request { instrument: 0, bar, action });
    }
    // backtesting.py closes what is open at the end at the open of the last bar (with
    // trade_on_close, at the close before it): an order to close that is made a bar earlier.
    let end = bars.len();
    requests.push(Request { instrument: 0, bar: end - 2, action: RequestAction::Close(1.0) });
    let feed = Feed::new("us_equities/AAPL".parse().unwrap(), &bars);
    replay(policies, &[feed], &requests).map_err(|e| e.to_string())
}

fn compare(scenario: &Value, backtest: &Backtest) -> Result<(), String> {
    let close = |what: String, ours: f64, theirs: f64| {
        let near = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
        near.then_some(()).ok_or_else(|| format!("{what}: {ours}, backtesting.py {theirs}"))
    };
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

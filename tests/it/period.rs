//! The period of a run: what comes before it warms up, what comes after it is not there.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers may fail a test as the tests themselves may

use std::fs;
use std::path::Path;

use timeweave::data::Catalog;
use timeweave::error::Result;
use timeweave::pipeline::{Options, Outcome, evaluate};
use timeweave::script;
use timeweave::standard_registry;
use timeweave::strategy::Period;

const CROSS: &str = r#"
    let day = bars("1d");
    let week = bars("1wk");
    strategy(#{
        universe: "us_equities/AAPL",
        long: #{ enter: day.close > ema(day.close, 50) and week.close > sma(week.close, 10), exit: day.close < ema(day.close, 50) },
        PERIOD
    })
"#;

fn run_in(datasets: &Path, period: &str) -> Result<Outcome> {
    let registry = standard_registry()?;
    let text = CROSS.replace("PERIOD", period);
    let strategy = script::compile(&text, "cross.rhai", &script::Options { registry: &registry, settings: &[] })?;
    evaluate(strategy, &registry, &Catalog::open(datasets)?, &Options::default(), &mut |_| {})?.backtest(&registry)
}

fn run(period: &str) -> Result<Outcome> {
    run_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets"), period)
}

/// What a refused period is told.
fn told(period: &str) -> String {
    let error = run(period).err().expect("refused");
    let place = error.origin().map(|origin| format!("{}:{}: ", origin.line, origin.column)).unwrap_or_default();
    format!("{place}{}; {}", error.message(), error.help().unwrap_or_default())
}

#[test]
fn a_run_to_a_date_is_a_run_on_data_that_end_there() {
    let cut = run(r#"to: "2008-06-30","#).unwrap();
    // The same bars with nothing after them, in a dataset of their own.
    let folder = tempfile::tempdir().unwrap();
    let whole = Catalog::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets")).unwrap();
    let instrument = "us_equities/AAPL".parse().unwrap();
    let bars = whole.bars(&instrument, timeweave::time::Timeframe::DAY, timeweave::data::Adjust::None).unwrap();
    let end =
        bars.timestamps().partition_point(|open| *open < "2008-07-01".parse::<timeweave::time::Timestamp>().unwrap().0);
    let dataset = folder.path().join("us_equities");
    fs::create_dir_all(dataset.join("AAPL")).unwrap();
    fs::write(dataset.join("dataset.toml"), "calendar = \"weekdays\"\n").unwrap();
    bars.slice(0..end).write_parquet(&dataset.join("AAPL/1d.parquet")).unwrap();
    let ended = run_in(folder.path(), "").unwrap();
    assert_eq!(cut.backtest, ended.backtest);
    assert_eq!(cut.backtest.timestamps.last().unwrap().to_string(), "2008-06-30");
}

#[test]
fn a_run_from_a_date_trades_from_there_with_indicators_that_know_what_came_before() {
    let whole = run("").unwrap();
    let later = run(r#"from: "2005-01-01","#).unwrap();
    let begins = later.backtest.timestamps[0];
    assert_eq!(begins.to_string(), "2005-01-03");
    assert_eq!(later.backtest.equity[0], later.backtest.initial_cash);
    // Every later entry of the whole run that follows a time without a position is an entry of this one.
    let after = |outcome: &Outcome| -> Vec<(String, String)> {
        let trades = outcome.backtest.trades.iter().filter(|trade| trade.entry_time > begins);
        trades.map(|trade| (trade.entry_time.to_string(), trade.exit_time.to_string())).collect()
    };
    let (all, some) = (after(&whole), after(&later));
    let first = all.iter().position(|trade| *trade == some[1]).unwrap();
    assert_eq!(some[1..], all[first..]);
    assert!(some.len() > 10);
}

#[test]
fn both_ends_make_a_stretch() {
    let some = run(r#"from: "2005-01-01", to: "2006-12-31","#).unwrap();
    let times = &some.backtest.timestamps;
    assert_eq!((times[0].to_string(), times.last().unwrap().to_string()), ("2005-01-03".into(), "2006-12-29".into()));
    let given = Period::new(Some("2009-01-01"), None).unwrap();
    let scripts = Period::new(Some("2005-01-01"), Some("2006-12-31")).unwrap();
    let both = given.or(scripts);
    assert_eq!((both.from, both.until), (given.from, scripts.until));
}

#[test]
fn what_is_no_period_is_told() {
    let all = [
        r#"from: "yesterday","#,
        r#"to: 2008,"#,
        r#"from: "2010-01-01", to: "2009-12-31","#,
        r#"from: "2020-01-01","#,
        r#"to: "1999-12-31","#,
        r#"until: "2008-12-31","#,
    ];
    let told: Vec<String> = all.iter().map(|period| format!("{period}\n  {}", told(period))).collect();
    insta::assert_snapshot!(told.join("\n"));
}

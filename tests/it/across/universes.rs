//! Universes by pattern: what a catalog makes of them, what a run says of them, and what is told where they are wrong.

use std::fs;

use serde_json::Value;
use timeweave::data::Catalog;
use timeweave::error::Diagnostic;
use timeweave::expr::{Argument, BarsRef, Entry, Pick};
use timeweave::pipeline::{MarketData, Options, evaluate, evaluate_on, universe};
use timeweave::proof::prove;
use timeweave::report;
use timeweave::run::InstrumentBars;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Selector, Strategy};
use timeweave::time::Timeframe;

use super::super::random::daily;

fn strategy(universe: &str) -> Result<Strategy, Diagnostic> {
    let registry = standard_registry().unwrap();
    let text = format!(
        "let day = bars(\"1d\");\nlet strongest = top(2, roc(bars(\"1mo\").close, 6));\nstrategy(#{{\n    universe: {universe},\n    \
         long: #{{ enter: strongest, exit: not(strongest) }},\n    plot: #{{ rank: rank(day.close) }},\n}})"
    );
    compile(&text, "universe.rhai", &script::Options { registry: &registry, settings: &[] })
}

fn catalog() -> Catalog {
    Catalog::open("datasets").unwrap()
}

fn resolved(of: &str) -> Vec<String> {
    let traded = universe(&strategy(of).unwrap(), &catalog()).unwrap();
    traded.into_iter().map(|traded| traded.instrument.symbol).collect()
}

#[test]
fn patterns_are_resolved_by_symbol_and_lists_in_their_order() {
    assert_eq!(resolved(r#""us_equities/*""#), ["AAPL", "FB", "GOOG", "MSFT"]);
    assert_eq!(resolved(r#""us_equities/{MSFT,GOOG,?B}""#), ["FB", "GOOG", "MSFT"]);
    assert_eq!(resolved(r#"["us_equities/MSFT", "us_equities/*L", "us_equities/*"]"#), ["MSFT", "AAPL", "FB", "GOOG"]);
}

#[test]
fn the_strategy_keeps_the_pattern_and_its_place() {
    let strategy = strategy(r#"["us_equities/MSFT", "us_equities/*"]"#).unwrap();
    let [first, second] = strategy.universe.as_slice() else { panic!("{:?}", strategy.universe) };
    assert!(matches!(&first.what, Selector::Instrument(_)) && matches!(&second.what, Selector::Pattern(_)));
    assert_eq!(second.what.to_string(), "us_equities/*");
    let place = second.origin.as_ref().unwrap();
    assert_eq!((place.line, place.column), (4, 36));
}

#[test]
fn what_matches_nothing_is_told_at_its_place() {
    let told = |of: &str| match strategy(of) {
        Ok(strategy) => universe(&strategy, &catalog()).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    let all = [
        r#""us_equities/Z*""#,
        r#""us_equities/{AAPL,GOGO}""#,
        r#""us_equites/*""#,
        r#"["us_equities/AAPL", "*/AAPL"]"#,
        r#""us_equities*""#,
        r#""us_equities/{AAPL""#,
        r#"["us_equities/*", "us_equities/*"]"#,
    ];
    let all: Vec<String> = all.iter().map(|of| told(of)).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    universe.rhai:4:5: `us_equities/Z*` matches no instrument
      help: allowed here: AAPL, FB, GOOG, MSFT
    universe.rhai:4:5: `GOGO` of `us_equities/{AAPL,GOGO}` matches no instrument
      help: did you mean `GOOG`?
    universe.rhai:4:5: there is no dataset `us_equites` in datasets
      help: did you mean `us_equities`?
    universe.rhai:4:36: `*/AAPL` is no pattern of instruments: a dataset is named in full
      help: `*`, `?` and braces stand for symbols; several datasets are a list: ["us/*", "eu/*"]
    universe.rhai:4:5: `us_equities*` is no pattern of instruments: it names no dataset
      help: write the dataset and the symbols: "us_equities/*"
    universe.rhai:4:5: `us_equities/{AAPL` is no pattern of instruments: a brace is open
      help: alternatives stand in braces: "us_equities/{AAPL,GOOG}"
    universe.rhai:4:33: us_equities/* stands twice in `universe`
    "#);
}

#[test]
fn a_run_says_what_was_matched() {
    let registry = standard_registry().unwrap();
    let run =
        evaluate(strategy(r#""us_equities/*""#).unwrap(), &registry, &catalog(), &Options::default(), &mut |_| {});
    let outcome = run.unwrap().backtest(&registry).unwrap();
    let folder = tempfile::tempdir().unwrap();
    report::write(&outcome, folder.path()).unwrap();
    let json: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
    let names = ["AAPL", "FB", "GOOG", "MSFT"].map(|symbol| format!("us_equities/{symbol}"));
    assert_eq!(json["universe"], Value::from(names.to_vec()));
    assert_eq!(json["universe_as_declared"], Value::from(vec!["us_equities/*"]));
    for name in &names {
        assert!(json["data"].as_object().unwrap().contains_key(&format!("{name}/1d.parquet")));
    }
    let page = report::page(&outcome, &report::Look::default());
    let first = page.lines().take(2).collect::<Vec<_>>().join(" ");
    assert!(first.contains("(matched by us_equities/*)") && first.contains("us_equities/GOOG"), "{first}");
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains("matched by us_equities/*"));
}

#[test]
fn a_rotation_over_a_universe_is_proved() {
    let registry = standard_registry().unwrap();
    let full =
        evaluate(strategy(r#""us_equities/*""#).unwrap(), &registry, &catalog(), &Options::default(), &mut |_| {});
    let proof = prove(&full.unwrap(), &registry, 30, &mut |_, _| {}).unwrap();
    assert_eq!(proof.differences, []);
    assert!(proof.trades > 10, "{}", proof.trades);
}

#[test]
fn bars_in_memory_are_those_that_the_pattern_matches() {
    let registry = standard_registry().unwrap();
    let bars = |symbol: &str| {
        let days = daily(3, 200);
        let months = days.resample(Timeframe::MONTH, days.calendar()).unwrap();
        InstrumentBars::new(format!("us_equities/{symbol}").parse().unwrap(), [days, months])
    };
    let run = |symbols: &[&str]| {
        let market = MarketData::from_bars(symbols.iter().map(|symbol| bars(symbol)).collect());
        evaluate_on(strategy(r#""us_equities/*""#).unwrap(), &registry, market, &Options::default(), &mut |_| {})
    };
    assert!(run(&["A", "B"]).is_ok());
    let error = run(&["B", "A"]).err().unwrap();
    assert_eq!(
        error.message(),
        "the bars are those of [us_equities/B, us_equities/A], the universe is [us_equities/A, us_equities/B]"
    );
}

/// In Rust, a universe is declared as a script would.
#[test]
fn a_universe_is_declared_in_rust_too() {
    let registry = standard_registry().unwrap();
    let entry = |name: &str, value: Argument| Entry { name: name.into(), given: value.into() };
    let enter = BarsRef::new(Timeframe::DAY).close().pick(Pick::Top(1)).unwrap();
    let record = vec![
        entry("universe", "us_equities/{FB,GOOG}".into()),
        entry("long", vec![entry("enter", enter.into())].into()),
    ];
    let strategy = Strategy::declare(&registry, "dearest", record, None).unwrap();
    let run = evaluate(strategy, &registry, &catalog(), &Options::default(), &mut |_| {}).unwrap();
    assert_eq!(run.evaluation.instruments.len(), 2);
}

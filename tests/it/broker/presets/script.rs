//! A script's `preset`: what it sets, what contradicts it, and that nothing looks ahead under any.

use timeweave::data::Catalog;
use timeweave::pipeline::{Options, evaluate};
use timeweave::proof::prove;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Fill, Intrabar, Matching, Strategy};

fn strategy(settings: &str) -> Result<Strategy, String> {
    let text = format!(
        r#"let day = bars("1d");
strategy(#{{
    universe: ["us_equities/FB", "us_equities/GOOG"],
    long: #{{ enter: rsi(day.close, 3) < 20, exit: rsi(day.close, 3) > 70 }},
    short: #{{ enter: rsi(day.close, 3) > 90, exit: rsi(day.close, 3) < 40 }},
    exits: [stop_loss(percent(3)), take_profit(percent(4)), time_stop(10)],
    size: percent(40),
    {settings}
}})"#
    );
    let registry = standard_registry().unwrap();
    compile(&text, "preset.rhai", &script::Options { registry: &registry, settings: &[] }).map_err(|e| e.to_string())
}

#[test]
fn preset_sets_what_belongs_to_it() {
    let set = |settings: &str| {
        let Strategy { matching, fill, intrabar, account, .. } = strategy(settings).unwrap();
        (matching, fill, intrabar, account.lot)
    };
    let (next, first) = (Fill::NextOpen, Intrabar::StopFirst);
    assert_eq!(set(""), (Matching::Standard, next, first, 0.0));
    assert_eq!(set(r#"preset: "backtesting_py""#), (Matching::BacktestingPy, next, first, 1.0));
    let fractional = r#"preset: "backtesting_py", fill: "same_close", account: #{ lot: 0.01 }"#;
    assert_eq!(set(fractional), (Matching::BacktestingPy, Fill::SameClose, first, 0.01));
    assert_eq!(set(r#"preset: "pine""#), (Matching::Pine, next, Intrabar::NearestExtreme, 0.0));
    assert_eq!(set(r#"preset: "vectorbt""#), (Matching::VectorBt, Fill::SameClose, first, 0.0));
}

#[test]
fn preset_refuses_what_contradicts_it_where_it_stands() {
    let cases = [
        (r#"preset: "vectorbt", fill: "next_open""#, "`fill` contradicts `preset: \"vectorbt\"`", 8),
        ("preset: \"vectorbt\",\n    account: #{ leverage: 2 }", "`leverage` contradicts", 9),
        ("preset: \"pine\",\n    intrabar: \"stop_first\"", "`intrabar` contradicts", 9),
        ("preset: \"pine\",\n    costs: #{ slippage: bps(2) }", "use slippage_amount", 9),
        (
            "preset: \"backtesting_py\",\n    costs: #{ spread: bps(2),\n slippage: bps(1) }",
            "`slippage` contradicts",
            10,
        ),
    ];
    for (settings, message, line) in cases {
        let error = strategy(settings).unwrap_err();
        assert!(error.contains(message) && error.contains(&format!("preset.rhai:{line}:")), "{error}");
    }
    // Several at once are told together; what says the same as the preset is no contradiction.
    let error = strategy(r#"preset: "vectorbt", fill: "next_open", costs: #{ spread: bps(1) }"#).unwrap_err();
    assert!(error.contains("`fill`") && error.contains("`spread`"), "{error}");
    strategy(r#"preset: "vectorbt", fill: "same_close", intrabar: "stop_first", costs: #{ spread: 0 }"#).unwrap();
}

#[test]
fn nothing_looks_ahead_under_any_preset() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    for settings in [
        r#"preset: "backtesting_py", costs: #{ commission: bps(5), spread: bps(2) }, account: #{ leverage: 2 }"#,
        r#"preset: "backtesting_py", fill: "same_close", costs: #{ commission: bps(5), spread: bps(2) }"#,
        r#"preset: "pine", costs: #{ slippage_amount: 0.02 }"#,
        r#"preset: "pine", fill: "same_close""#,
        r#"preset: "vectorbt", costs: #{ commission: bps(5), slippage: bps(2) }"#,
    ] {
        let evaluated =
            evaluate(strategy(settings).unwrap(), &registry, &catalog, &Options::default(), &mut |_| {}).unwrap();
        let proof = prove(&evaluated, &registry, 12, &mut |_, _| {}).unwrap();
        assert!(proof.holds(), "{settings}: {:?}", proof.differences);
        let backtest = evaluated.simulate(&registry).unwrap();
        assert!(backtest.trades.len() > 20, "{settings}: {} trades", backtest.trades.len());
        backtest.check_books().unwrap();
    }
}

//! `runner explain`: the tree on data and without, the graph.

use super::Desk;

/// A script with scans, a rule over the position and another instrument.
const OTHER: &str = r#"let day = bars("1d");
let other = bars("1d", "us_equities/GOOG");
let width = 2 * atr(day, 14);
let trail = scan(day.close, |prev| select(day.close > prev, max(prev, day.close - width), day.close + width));
strategy(#{
    universe: ["us_equities/AAPL", "us_equities/MSFT"],
    long: #{ enter: day.close > trail and other.close > sma(other.close, 50), exit: day.close < trail },
    exits: [exit_when(position.bars_held > 5 and day.close < position.highest - width), time_stop(50)],
})
"#;

#[test]
fn the_plans_of_the_example_strategies_are_trees() {
    let desk = Desk::new();
    for name in ["mtf_lstm", "rsi_reversion", "sma_cross", "weekly_trend_daily_entry"] {
        let told = desk.done(&format!("explain strategies/{name}.rhai"));
        assert_eq!(told.stderr, "", "{name}");
        insta::assert_snapshot!(name, told.stdout);
    }
    assert!(desk.done("explain strategies/sma_cross.rhai --set fast=7").stdout.contains("timeperiod = 7"));
    assert!(!desk.path("runs").exists());
}

#[test]
fn scans_rules_over_the_position_and_other_instruments_are_written_out() {
    let desk = Desk::new();
    desk.write("other.rhai", OTHER);
    insta::assert_snapshot!("other", desk.done("explain other.rhai").stdout);
    insta::assert_snapshot!("dot", desk.done("explain other.rhai --dot").stdout);
}

#[test]
fn a_plan_is_explained_without_data() {
    let desk = Desk::new();
    std::fs::remove_dir_all(desk.path("datasets")).unwrap();
    let told = desk.done("explain strategies/weekly_trend_daily_entry.rhai");
    insta::assert_snapshot!("without_data", told.stdout);
    insta::assert_snapshot!("without_data_note", told.stderr);
    assert!(desk.done("explain strategies/mtf_lstm.rhai --dot").stderr.is_empty());
    let refused = desk.refused("explain strategies/sma_cross.rhai --time", 1);
    assert!(refused.contains("datasets"), "{refused}");
}

#[test]
fn another_instrument_of_the_universe_is_looked_at_when_it_is_named() {
    let desk = Desk::new();
    desk.write("other.rhai", OTHER);
    let first = desk.done("explain other.rhai").stdout;
    let second = desk.done("explain other.rhai --instrument us_equities/MSFT").stdout;
    assert!(first.ends_with("on us_equities/AAPL: 3270 bars of 1d, 2000-03-01 to 2013-03-01\n"), "{first}");
    assert!(second.ends_with("on us_equities/MSFT: 3270 bars of 1d, 2000-03-01 to 2013-03-01\n"), "{second}");
    let refused = desk.refused("explain other.rhai --instrument us_equities/GOOG", 1);
    assert!(refused.contains("us_equities/GOOG is not in the strategy's universe"), "{refused}");
}

#[test]
fn every_pass_and_every_stepped_rule_is_timed() {
    let desk = Desk::new();
    desk.write("other.rhai", OTHER);
    let told = desk.done("explain other.rhai --time").stdout;
    let mut lines = told.lines();
    assert!(lines.next().unwrap().ends_with("ns a bar"), "{told}");
    let nanoseconds = |line: &str| line.split_whitespace().last().and_then(|cell| cell.parse::<f64>().ok());
    let stepped = told.lines().find(|line| line.starts_with("exit exit_when")).unwrap();
    assert!(nanoseconds(stepped).is_some(), "{told}");
    assert!(told.lines().last().unwrap().starts_with("all of it takes "), "{told}");
}

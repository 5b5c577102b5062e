//! Orders, additions, parts and sizes, from a script to its trades.

use timeweave::backtest::Trade;
use timeweave::data::{Catalog, Field};
use timeweave::pipeline::{Options, Outcome, evaluate};
use timeweave::plan::Plan;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{GoodFor, Strategy};
use timeweave::time::Timeframe;

fn read(rules: &str) -> Strategy {
    let text = format!(
        "let day = bars(\"1d\");\nlet week = bars(\"1wk\");\nlet enter = crosses_above(day.close, sma(day.close, 10));\n\
         strategy(#{{ universe: \"us_equities/AAPL\", {rules} }})"
    );
    let registry = standard_registry().unwrap();
    compile(&text, "orders.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap()
}

fn run(rules: &str) -> Outcome {
    let (registry, catalog) = (standard_registry().unwrap(), Catalog::open("datasets").unwrap());
    let evaluated = evaluate(read(rules), &registry, &catalog, &Options::default(), &mut |_| {}).unwrap();
    evaluated.backtest(&registry).unwrap()
}

#[test]
fn a_plan_says_at_what_price_and_how_often_a_side_enters() {
    let explained = |rules: &str| Plan::new(&read(rules), &standard_registry().unwrap()).unwrap().explain();
    let text = explained("long: #{ enter: enter, at: limit(day.low[1]), good_for: 3, add: 2 }");
    let end: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("long.enter")).collect();
    let step = text.lines().find(|line| line.contains("low[1]") || line.contains("[1]")).unwrap();
    let number = step.split_whitespace().next().unwrap();
    assert_eq!(end[1..4], [&format!("long.at limit = {number}"), "long.good_for = 3", "long.add = 2"]);
    let text = explained("short: #{ enter: enter, at: stop_limit(day.low, week.low), good_for: \"day\" }");
    assert!(text.contains("short.at stop = ") && text.contains("short.then limit = "), "{text}");
    assert!(text.contains("short.good_for = \"day\""));
    assert!(text.contains("align"), "a weekly price is seen from its close on: {text}");
    assert!(explained("long: #{ enter: enter, at: trailing(2) }").contains("long.at trailing = "));
}

#[test]
fn a_script_declares_orders_that_wait() {
    let strategy =
        read("long: #{ enter: enter, at: stop(day.high), good_for: \"day\", add: 1 }, short: #{ enter: !enter }");
    let (long, short) = (strategy.long.unwrap(), strategy.short.unwrap());
    assert_eq!(
        (long.order.as_ref().map(|order| order.name()), long.good_for, long.add),
        (Some("stop"), GoodFor::Day, 1)
    );
    assert!(short.order.is_none() && short.good_for == GoodFor::Ever && short.add == 0);
}

#[test]
fn a_limit_of_a_script_fills_at_the_price_of_its_bar_or_at_a_better_open() {
    let outcome =
        run("long: #{ enter: enter, exit: day.close < sma(day.close, 30), at: limit(day.low * 0.99), good_for: 2 }");
    let bars = outcome.evaluation.instruments[0].bars.at(Timeframe::DAY).unwrap();
    let [open, low] = [Field::Open, Field::Low].map(|field| bars.field(field));
    let trades = &outcome.backtest.trades;
    assert!(trades.len() > 20, "{}", trades.len());
    let explained = |trade: &Trade| {
        let bar = trade.entry_bar;
        (1..=2).any(|ago| {
            let limit = low[bar - ago] * 0.99;
            trade.entry_price == limit.min(open[bar]) && low[bar] <= limit
        })
    };
    assert!(trades.iter().all(explained));
}

#[test]
fn parts_and_additions_of_a_script_come_out_as_trades() {
    let outcome = run(
        "long: #{ enter: enter, exit: day.close < sma(day.close, 50), add: 2 }, size: percent(25), account: #{ lot: 1 }, \
         exits: [scale_out(percent(50), percent(4)), scale_out_when(percent(25), position.bars_held >= 20), stop_loss(percent(10))]",
    );
    let backtest = &outcome.backtest;
    backtest.check_books().unwrap();
    let of = |name: &str| backtest.trades.iter().filter(|trade| trade.reason.name() == name).count();
    assert!(of("scale_out") > 20 && of("scale_out_when") > 5 && of("stop_loss") > 5 && of("signal") > 20);
    assert!(backtest.trades.iter().all(|trade| trade.units.fract() == 0.0));
    let together = backtest
        .trades
        .windows(2)
        .filter(|pair| pair[0].exit_bar == pair[1].exit_bar && pair[0].entry_bar != pair[1].entry_bar);
    assert!(together.count() > 5);
}

#[test]
fn sizes_of_a_script_are_capped() {
    let largest = |size: &str| {
        let outcome = run(&format!(
            "long: #{{ enter: enter, exit: day.close < sma(day.close, 30) }}, exits: [stop_loss(percent(2))], size: {size}"
        ));
        let backtest = &outcome.backtest;
        assert!(backtest.trades.len() > 20);
        let equity = |bar: usize| if bar == 0 { backtest.initial_cash } else { backtest.equity[bar - 1] };
        let share = |trade: &Trade| trade.units * trade.entry_price / equity(trade.entry_bar);
        backtest.trades.iter().map(share).fold(0.0, f64::max)
    };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(near(largest("risk(percent(1))"), 0.5));
    assert!(near(largest("risk(percent(1), percent(20))"), 0.2));
    assert!(near(largest("risk(percent(1), #{ max: percent(20) })"), 0.2));
    assert!(near(largest("kelly(percent(50), #{ max: percent(5), start: percent(30) })"), 0.05));
    let target = largest("volatility_target(percent(15), stddev(returns(day.close), 20))");
    assert!(target > 0.4 && target <= 1.0, "{target}");
    assert!(near(largest("equal_weight()"), 1.0));
}

//! Scripts that hold weights, from the record to the files of a run.

use timeweave::data::Catalog;
use timeweave::pipeline::{Options, Outcome, evaluate, load};
use timeweave::plan::Plan;
use timeweave::proof::prove;
use timeweave::report::{signals_parquet, snapshot};
use timeweave::review::review;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Every, Rebalance, Strategy};
use timeweave::time::Timeframe;

fn declared(record: &str) -> Strategy {
    let registry = standard_registry().unwrap();
    let text = format!(
        "let day = bars(\"1d\");\nlet calm = 1 / stddev(returns(day.close), 60);\n\
         strategy(#{{ universe: [\"us_equities/AAPL\", \"us_equities/MSFT\"], {record} }})"
    );
    compile(&text, "weights.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap()
}

fn run(strategy: Strategy) -> Outcome {
    let (registry, catalog) = (standard_registry().unwrap(), Catalog::open("datasets").unwrap());
    let evaluated = evaluate(strategy, &registry, &catalog, &Options::default(), &mut |_| {}).unwrap();
    let proof = prove(&evaluated, &registry, 12, &mut |_, _| {}).unwrap();
    assert!(proof.holds(), "{:?}", proof.differences);
    evaluated.backtest(&registry).unwrap()
}

#[test]
fn rebalance_is_read_as_it_is_written() {
    let read = |rebalance: &str| declared(&format!("weights: 0.5, rebalance: {rebalance}")).weights.unwrap().rebalance;
    let (month, week) = (Every::Period(Timeframe::MONTH), Every::Period(Timeframe::WEEK));
    let when = |every, drift| Rebalance { every, drift };
    assert_eq!(declared("weights: 0.5").weights.unwrap().rebalance, when(month, None));
    assert_eq!(read("\"1wk\""), when(week, None));
    assert_eq!(read("20"), when(Every::Bars(20), None));
    assert_eq!(read("#{ drift: percent(5) }"), when(Every::Bars(1), Some(0.05)));
    assert_eq!(read("#{ every: \"1mo\", drift: bps(50) }"), when(month, Some(0.005)));
    assert_eq!(read("#{ every: 5 }"), when(Every::Bars(5), None));
}

#[test]
fn weights_are_told_in_plan_snapshot_statistics_and_files() {
    let outcome = run(declared("weights: calm / sum_across(calm), rebalance: #{ every: \"1wk\", drift: percent(1) }"));
    let plan = outcome.plan.explain();
    assert!(plan.contains("rebalance every 1wk, past a drift of percent(1)\n") && !plan.contains("size"), "{plan}");
    assert!(outcome.metrics.by_exit.iter().any(|group| group.name == "rebalance"));
    let text = snapshot(&outcome).unwrap();
    assert!(text.contains("weights: above 0 on ") && text.contains("(rebalance)"), "{text}");
    assert!(!signals_parquet(&outcome).unwrap().is_empty());
    outcome.backtest.check_books().unwrap();
    assert!(outcome.backtest.trades.len() > 30, "{}", outcome.backtest.trades.len());
}

/// The same weights, written once for all instruments and for each by its name.
#[test]
fn weights_by_instrument_are_those_of_each() {
    let shared = run(declared("weights: calm / sum_across(calm)"));
    let named = run(declared(
        "weights: #{ \"us_equities/MSFT\": calm / sum_across(calm), \"us_equities/AAPL\": calm / sum_across(calm) }",
    ));
    assert_eq!(shared.backtest, named.backtest);
    let constant = run(declared(
        "weights: #{ \"us_equities/AAPL\": 0.6, \"us_equities/MSFT\": percent(40) }, plot: #{ close: day.close }",
    ));
    let first: Vec<f64> =
        constant.backtest.trades.iter().filter(|t| t.entry_bar == 1).map(|t| t.units * t.entry_price).collect();
    assert!((first.iter().sum::<f64>() - 1e5).abs() < 1e-6, "{first:?}");
}

/// What `runner check` says of weights.
fn suspicious(record: &str) -> Vec<String> {
    let (registry, catalog) = (standard_registry().unwrap(), Catalog::open("datasets").unwrap());
    let strategy = declared(&format!("{record}, costs: #{{ commission: bps(5) }}"));
    let market = load(&Plan::new(&strategy, &registry).unwrap(), &strategy, &catalog).unwrap();
    review(&strategy, &registry, market).unwrap().iter().map(|warning| warning.message().to_owned()).collect()
}

#[test]
fn weights_that_hold_nothing_or_too_much_are_suspicious() {
    let none: [&str; 0] = [];
    assert_eq!(suspicious("weights: calm / sum_across(calm)"), none);
    assert_eq!(
        suspicious("weights: select(day.close > day.open, 0, 0) * day.close"),
        ["`weights` is 0 or not known on every bar: nothing is ever held"]
    );
    let often = "the weights of all instruments come to more than 100 % of equity on 3210 of 3270 bars, and to 120 % at \
                 most: they are scaled down to what `leverage` allows";
    assert_eq!(suspicious("weights: 1.2 * calm / sum_across(calm)"), [often]);
    assert_eq!(suspicious("weights: 1.2 * calm / sum_across(calm), account: #{ leverage: 1.2 }"), none);
}

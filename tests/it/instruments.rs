//! Rules that look at another instrument than the one that is traded.

use std::path::Path;

use timeweave::data::{Bars, Catalog, Column, Instrument, sha256_of_file};
use timeweave::pipeline::{self, Evaluated, MarketData, evaluate, evaluate_on, load};
use timeweave::plan::Plan;
use timeweave::run::InstrumentBars;
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::{Calendar, Timeframe, Timestamp};

fn strategy(plots: &str, universe: &str) -> Strategy {
    let registry = standard_registry().unwrap();
    let text = format!(
        r#"let day = bars("1d");
        let other = bars("1d", "made/OTHER");
        let google = bars("1d", "us_equities/GOOG");
        strategy(#{{ universe: {universe}, long: #{{ enter: day.close > 0 }}, plot: #{{ {plots} }} }})"#
    );
    compile(&text, "others.rhai", &Options { registry: &registry, settings: &[] }).unwrap()
}

fn plotted(run: &Evaluated, instrument: usize, name: &str) -> Column {
    let (_, id) = run.plan.plot.iter().find(|(plot, _)| plot == name).unwrap();
    run.evaluation.instruments[instrument].numbers(*id, run.plan.base).unwrap()
}

/// Daily bars that open and close at one price a day.
fn flat(days: &[i64], prices: &[f64]) -> Bars {
    let timestamps = days.iter().map(|day| day * Timestamp::DAY).collect();
    let columns = [prices, prices, prices, prices, prices].map(<[f64]>::to_vec);
    Bars::new(Timeframe::DAY, &Calendar::Continuous, timestamps, columns).unwrap()
}

#[test]
fn what_another_instrument_shows_is_its_last_closed_bar_and_its_own_history() {
    let registry = standard_registry().unwrap();
    let own = InstrumentBars::new("made/OWN".parse().unwrap(), [flat(&[2, 3, 4, 7, 8], &[1.0, 2.0, 3.0, 4.0, 5.0])]);
    let other = flat(&[1, 3, 5, 6, 8, 9], &[10.0, 30.0, 50.0, 60.0, 80.0, 90.0]);
    let market = MarketData::from_bars(vec![own.with("made/OTHER".parse().unwrap(), other)]);
    let plots = "last: other.close, before: other.close[1], mean: sma(other.close, 2), ratio: day.close / other.close";
    let options = pipeline::Options::default();
    let run = evaluate_on(strategy(plots, "\"made/OWN\""), &registry, market, &options, &mut |_| {}).unwrap();
    assert_eq!(plotted(&run, 0, "last")[..], [10.0, 30.0, 30.0, 60.0, 80.0]);
    // A bar ago, and over two bars, are the other's bars: day 7 sees day 6 and, before it, day 5.
    assert_eq!(plotted(&run, 0, "before")[1..], [10.0, 10.0, 50.0, 60.0]);
    assert_eq!(plotted(&run, 0, "mean")[1..], [20.0, 20.0, 55.0, 70.0]);
    assert_eq!(plotted(&run, 0, "ratio")[..], [1.0 / 10.0, 2.0 / 30.0, 3.0 / 30.0, 4.0 / 60.0, 5.0 / 80.0]);
    assert_eq!(run.inputs.len(), 2, "both instruments are among the hashed inputs");
}

/// Beta and correlation against another instrument, by the formulas over each window.
#[test]
fn beta_and_correlation_between_instruments_are_those_of_the_textbook() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let plots = "correlation: correl(returns(day.close), returns(google.close), 20), \
                 mine: returns(day.close), theirs: returns(google.close), \
                 beta: beta(google.close, day.close, 20)";
    let universe = r#"["us_equities/MSFT", "us_equities/GOOG"]"#;
    let run = evaluate(strategy(plots, universe), &registry, &catalog, &pipeline::Options::default(), &mut |_| {});
    let run = run.unwrap();
    let [mine, theirs, correlation, beta] =
        ["mine", "theirs", "correlation", "beta"].map(|name| plotted(&run, 0, name));
    let mut compared = 0;
    for bar in 19..mine.len() {
        let (y, x) = (&mine[bar - 19..=bar], &theirs[bar - 19..=bar]);
        if y.iter().chain(x).any(|value| value.is_nan()) {
            continue;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / 20.0;
        let product =
            |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(p, q)| (p - mean(a)) * (q - mean(b))).sum() };
        let expected = product(x, y) / (product(x, x) * product(y, y)).sqrt();
        assert!((correlation[bar] - expected).abs() < 1e-9, "bar {bar}: {} {expected}", correlation[bar]);
        assert!((beta[bar] - product(x, y) / product(x, x)).abs() < 1e-9, "bar {bar}");
        compared += 1;
    }
    assert!(compared > 1_900, "{compared}");
    // GOOG beside itself.
    let itself = plotted(&run, 1, "correlation");
    assert!(itself[100..].iter().all(|value| (value - 1.0).abs() < 1e-9));
}

#[test]
fn another_instrument_that_is_not_there_is_named_where_the_script_reads_it() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let text = "let day = bars(\"1d\");\nlet index = bars(\"1d\", \"us_equities/SPY\");\n\
                strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: day.close > index.close } })";
    let strategy = compile(text, "missing.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let error = evaluate(strategy, &registry, &catalog, &pipeline::Options::default(), &mut |_| {}).err().unwrap();
    let origin = error.origin().unwrap();
    assert_eq!((origin.file.as_ref(), origin.line), ("missing.rhai", 3));
    insta::assert_snapshot!(error.to_string(), @r"
    missing.rhai:3:77: there are no bars of `SPY` in the dataset `us_equities`
      help: allowed here: AAPL, FB, GOOG, MSFT
    ");
}

/// GOOG is read at two timeframes and traded too.
#[test]
fn the_files_of_each_instrument_are_among_the_inputs_once_in_the_order_in_which_they_are_read() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let text = r#"let day = bars("1d");
        let google = bars("1d", "us_equities/GOOG");
        let weeks = bars("1wk", "us_equities/GOOG");
        strategy(#{
            universe: ["us_equities/MSFT", "us_equities/GOOG", "us_equities/AAPL"],
            long: #{ enter: day.close > google.close and weeks.close > weeks.open },
        })"#;
    let strategy = compile(text, "others.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let market = load(&Plan::new(&strategy, &registry).unwrap(), &strategy, &catalog).unwrap();
    let files: Vec<&str> = market.inputs.iter().map(|input| input.file.as_str()).collect();
    let [google, microsoft, apple] = ["GOOG", "MSFT", "AAPL"].map(|name| format!("us_equities/{name}/1d.parquet"));
    assert_eq!(files, [&google, "us_equities: calendar", &microsoft, &apple]);
    for input in market.inputs.iter().filter(|input| input.file.ends_with(".parquet")) {
        assert_eq!(input.sha256, sha256_of_file(&Path::new("datasets").join(&input.file)).unwrap(), "{}", input.file);
    }
}

#[test]
fn instruments_are_names() {
    let registry = standard_registry().unwrap();
    let read = |call: &str| compile(call, "x.rhai", &Options { registry: &registry, settings: &[] }).err().unwrap();
    assert!(read("bars(\"1d\", 5)").to_string().contains("an instrument such as"));
    assert!(read("bars(\"1d\", \"GOOG\")").to_string().contains("names no instrument"));
    let _: Instrument = "us_equities/GOOG".parse().unwrap();
}

//! Nodes that cheat, each in a way that the API leaves open to whoever embeds the library.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use timeweave::data::Column;
use timeweave::expr::Arguments;
use timeweave::node::{
    Exit, ExitNode, Indicator, IndicatorNode, Inputs, Machine, OpenPosition, Protection, Refusal, Spec,
};
use timeweave::proof::{Difference, Figure, Part, Proof};
use timeweave::report::{proof_json, proof_page};
use timeweave::standard_registry;

use super::{MODEL, proof, uncounted};

/// An indicator that is no machine: it sees whole columns, and so may look where it likes.
struct Columns(fn(&[f64]) -> Vec<f64>);

impl Indicator for Columns {
    fn update_row(&mut self, _: &[f64], outputs: &mut [f64]) {
        outputs.fill(f64::NAN);
    }

    fn columns(&mut self, inputs: &[Column]) -> Vec<Column> {
        vec![(self.0)(&inputs[0]).into()]
    }
}

const fn spec(name: &'static str, outputs: &'static [&'static str]) -> Spec {
    Spec {
        name,
        family: "cheats",
        doc: "It cheats.",
        formula: "",
        inputs: Inputs::Series(&["price"]),
        parameters: &[],
        outputs,
        example: "",
        source: "",
    }
}

/// Tomorrow's value.
const PEEK: IndicatorNode = IndicatorNode {
    spec: spec("peek", &["peek"]),
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Columns(|price| price[1..].iter().copied().chain([f64::NAN]).collect()))),
};

/// Distance from the mean of all bars, the most common of leaks.
const CENTRED: IndicatorNode = IndicatorNode {
    spec: spec("centred", &["centred"]),
    lookback: |_| Ok(0),
    machine: |_| {
        Ok(Box::new(Columns(|price| {
            let mean = price.iter().sum::<f64>() / price.len() as f64;
            price.iter().map(|value| value / mean - 1.0).collect()
        })))
    },
};

/// A machine that remembers, outside of itself, the highest price that any machine like it was shown.
#[derive(Clone)]
struct Highest;

static HIGHEST: Mutex<f64> = Mutex::new(0.0);

impl Machine for Highest {
    type Input = [f64; 1];
    type Output = [f64; 1];

    fn update(&mut self, [price]: [f64; 1]) -> [f64; 1] {
        let mut highest = HIGHEST.lock().unwrap();
        *highest = highest.max(price);
        [price / *highest]
    }
}

const REMEMBERS: IndicatorNode =
    IndicatorNode { spec: spec("remembers", &["remembers"]), lookback: |_| Ok(0), machine: |_| Ok(Box::new(Highest)) };

/// An exit that leaves on every seventh bar that any exit like it was asked about.
struct Counter;

static ASKED: AtomicU64 = AtomicU64::new(0);

impl Exit for Counter {
    fn opened(&mut self, _: &OpenPosition, _: &[f64]) -> Result<Protection, Refusal> {
        Ok(Protection::default())
    }

    fn bar_closed(&mut self, _: &OpenPosition, _: &[f64]) -> Protection {
        Protection { close: ASKED.fetch_add(1, Ordering::Relaxed).is_multiple_of(7), ..Protection::default() }
    }
}

const COUNTS: ExitNode = ExitNode {
    spec: Spec { inputs: Inputs::None, ..spec("counts", &[]) },
    exit: |_: &Arguments| Ok(Box::new(Counter)),
};

fn found(text: &str) -> Proof {
    let mut registry = standard_registry().unwrap();
    for node in [PEEK, CENTRED, REMEMBERS] {
        registry.add_indicator(node).unwrap();
    }
    registry.add_exit(COUNTS).unwrap();
    proof(text, &registry, 6)
}

fn rules(enter: &str, exits: &str) -> String {
    format!(
        r#"let day = bars("1d");
let week = bars("1wk");
let close = day.close;
strategy(#{{
    universe: "us_equities/FB",
    long: #{{ enter: {enter}, exit: close < sma(close, 3) }},
    exits: [{exits}],
    plot: #{{ trend: sma(close, 20) }},
}})"#
    )
}

fn first(proof: &Proof) -> &Difference {
    assert!(!proof.holds());
    &proof.differences[0]
}

#[test]
fn a_node_that_peeks_a_bar_ahead_is_the_first_that_differs() {
    let proof = found(&rules("peek(close) > close and close > sma(close, 10)", ""));
    let first = first(&proof);
    assert!(matches!(first.part, Part::Node(_)) && first.what.contains("peek("), "{first:?}");
    let origin = first.origin.as_ref().unwrap();
    assert_eq!((&*origin.file, origin.line, origin.column), ("proof.rhai", 6, 21));
    // The last bar of the first prefix, which is one day: what was known then is what comes after.
    assert_eq!((first.bar, first.prefix.whole), (Some(0), false));
    assert!(matches!(first.with_future, Figure::Number(value) if value.is_finite()));
    assert!(matches!(first.without_future, Figure::Number(value) if value.is_nan()));
    // What reads it differs too; what does not, does not.
    let others: Vec<&str> = proof.differences[1..].iter().map(|difference| difference.what.as_str()).collect();
    assert!(
        others.iter().any(|what| what.contains('>')) && !others.iter().any(|what| what.contains("sma")),
        "{others:?}"
    );
    insta::assert_snapshot!("peek", format!("{}\n{}", uncounted(&proof_page(&proof)), first.diagnostic()));
    let json: serde_json::Value = serde_json::from_str(&proof_json(&proof).unwrap()).unwrap();
    assert_eq!((&json["holds"], &json["differences"][0]["part"]), (&false.into(), &"node".into()));
}

#[test]
fn a_peek_at_next_week_is_found_at_its_own_timeframe() {
    let proof = found(&rules("peek(week.close) > week.close", ""));
    let first = first(&proof);
    assert!(first.what.contains("peek(") && first.timeframe.unwrap().to_string() == "1wk", "{first:?}");
}

#[test]
fn a_node_that_reads_the_mean_of_all_bars_is_found() {
    let proof = found(&rules("centred(close) < 0", ""));
    let first = first(&proof);
    assert!(first.what.contains("centred(") && first.bar == Some(0), "{first:?}");
}

#[test]
fn a_machine_with_a_memory_outside_of_itself_is_not_the_same_twice() {
    let proof = found(&rules("remembers(1000 / close) > 0.9", ""));
    let first = first(&proof);
    assert!(first.what.contains("remembers(") && first.prefix.whole, "{first:?}");
    assert!(proof_page(&proof).starts_with("The same data did not give the same values twice."));
    assert!(first.diagnostic().help().unwrap().contains("outside of its machine"));
}

#[test]
fn an_exit_with_a_memory_outside_of_itself_is_found_by_its_trades() {
    let proof = found(&rules("close > sma(close, 3)", "counts()"));
    let first = first(&proof);
    assert_eq!((first.part, first.prefix.whole), (Part::Trade, true), "{first:?}");
    assert!(matches!(&first.with_future, Figure::Text(text) if text.contains("(counts)") || text.contains("(signal)")));
}

#[test]
fn a_leak_into_a_models_features_is_found_in_node_scaler_and_forecast() {
    let proof = found(&MODEL.replace("FEATURE", "centred(day.close)"));
    assert!(first(&proof).what.contains("centred("));
    let parts: Vec<Part> = proof.differences.iter().map(|difference| difference.part).collect();
    assert!(parts.iter().any(|part| matches!(part, Part::Training(_))), "{parts:?}");
    let what: Vec<&str> = proof.differences.iter().map(|difference| difference.what.as_str()).collect();
    assert!(what.iter().any(|what| what.contains(".score")), "{what:?}");
}

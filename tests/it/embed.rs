//! The library embedded: strategies built in Rust, and an embedder's own node in a script.

use timeweave::data::{Catalog, Field};
use timeweave::error::Result;
use timeweave::expr::{Argument, Arguments, BarsRef, Entry};
use timeweave::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};
use timeweave::pipeline::{Options, Outcome, evaluate};
use timeweave::script;
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::Timeframe;

fn run(strategy: Strategy, registry: &timeweave::node::Registry) -> Result<Outcome> {
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets"))?;
    evaluate(strategy, registry, &catalog, &Options::default(), &mut |_| {})?.backtest(registry)
}

fn entry(name: &str, value: impl Into<Argument>) -> Entry {
    Entry { name: name.into(), given: value.into().into() }
}

#[test]
fn a_strategy_built_in_rust_does_what_its_script_does() {
    let registry = standard_registry().unwrap();
    let day = BarsRef::new(Timeframe::DAY);
    let average = |length: i64| registry.series("sma", [day.close().into(), length.into()]).unwrap();
    let (fast, slow) = (average(20), average(100));
    let rules = vec![entry("enter", fast.gt(&slow)), entry("exit", fast.lt(&slow))];
    let record = vec![entry("universe", "us_equities/AAPL"), entry("long", rules)];
    let built = Strategy::declare(&registry, "cross", record, None).unwrap();

    let text = r#"
        let day = bars("1d");
        let fast = sma(day.close, 20);
        let slow = sma(day.close, 100);
        strategy(#{ universe: "us_equities/AAPL", long: #{ enter: fast > slow, exit: fast < slow } })
    "#;
    let options = script::Options { registry: &registry, settings: &[] };
    let scripted = script::compile(text, "cross.rhai", &options).unwrap();

    let [built, scripted] = [built, scripted].map(|strategy| run(strategy, &registry).unwrap());
    assert_eq!(built.backtest, scripted.backtest);
    assert_eq!(built.plan.explain(), scripted.plan.explain());
    assert_eq!(built.backtest.trades.len(), 17);
}

/// The share of the last bars that closed above their open.
#[derive(Clone)]
struct UpShare {
    length: usize,
    ups: std::collections::VecDeque<bool>,
}

impl Machine for UpShare {
    type Input = [f64; 2];
    type Output = [f64; 1];

    fn update(&mut self, [open, close]: [f64; 2]) -> [f64; 1] {
        self.ups.push_back(close > open);
        if self.ups.len() > self.length {
            self.ups.pop_front();
        }
        if self.ups.len() < self.length {
            return [f64::NAN];
        }
        [self.ups.iter().filter(|up| **up).count() as f64 / self.length as f64]
    }
}

const UP_SHARE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "up_share",
        family: "mine",
        doc: "The share of the last bars that closed above their open, from 0 to 1.",
        formula: "",
        inputs: Inputs::Bars(&[Field::Open, Field::Close]),
        parameters: &[Parameter::length("length", 10, 1, "how many bars are counted")],
        outputs: &["up_share"],
        example: "up_share(day, 10)",
        source: "",
    },
    lookback: |arguments: &Arguments| Ok(arguments.length("length")? - 1),
    machine: |arguments| {
        let length = arguments.length("length")?;
        Ok(Box::new(UpShare { length, ups: Default::default() }))
    },
};

#[test]
fn a_script_calls_an_embedders_indicator() {
    let mut registry = standard_registry().unwrap();
    registry.add_indicator(UP_SHARE).unwrap();
    let options = script::Options { registry: &registry, settings: &[] };
    let text = r#"
        let day = bars("1d");
        strategy(#{
            universe: "us_equities/GOOG",
            long: #{ enter: day.up_share(5) >= 0.8, exit: up_share(day, #{ length: 5 }) <= 0.2 },
            plot: #{ share: up_share(day, 5) },
        })
    "#;
    let outcome = run(script::compile(text, "mine.rhai", &options).unwrap(), &registry).unwrap();
    assert!(!outcome.backtest.trades.is_empty());
    let shares = &outcome.named_series().unwrap()[0].columns[0];
    assert!(shares[..4].iter().all(|share| share.is_nan()));
    let bars = outcome.evaluation.instruments[0].bars.at(Timeframe::DAY).unwrap();
    let (open, close) = (bars.field(Field::Open), bars.field(Field::Close));
    for (bar, share) in shares.iter().enumerate().skip(4) {
        let ups = (bar - 4..=bar).filter(|bar| close[*bar] > open[*bar]).count();
        assert_eq!(*share, ups as f64 / 5.0, "bar {bar}");
    }

    let wrong = script::compile(&text.replace("length: 5", "lenght: 5"), "mine.rhai", &options).unwrap_err();
    assert_eq!(wrong.message(), "`up_share` has no parameter called `lenght`");
    assert_eq!(wrong.help(), Some("did you mean `length`? it is up_share(bars, length = 10)"));
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let mut registry = standard_registry().unwrap();
    let mut node = UP_SHARE;
    node.spec.name = "sma";
    assert_eq!(registry.add_indicator(node).unwrap_err().message(), "there is a node called `sma` already");
}

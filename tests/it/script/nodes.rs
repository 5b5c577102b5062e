//! Nodes for these tests: what the real ones are called and take, without their code.

use timeweave::data::Field;
use timeweave::error::Diagnostic;
use timeweave::expr::{Argument, Arguments};
use timeweave::node::{ExitNode, IndicatorNode, Inputs, Kind, ModelNode, Parameter, Registry, SizerNode, Spec};
use timeweave::script::{Options, compile};
use timeweave::strategy::Strategy;

const SPEC: Spec = Spec {
    name: "",
    family: "test",
    doc: "",
    formula: "",
    inputs: Inputs::None,
    parameters: &[],
    outputs: &[],
    example: "",
    source: "",
};

const PRICE: Inputs = Inputs::Series(&["price"]);
const TIMEPERIOD: &[Parameter] = &[Parameter::length("timeperiod", 30, 1, "bars")];
const RANGE: Inputs = Inputs::Bars(&[Field::High, Field::Low, Field::Close]);

fn never() -> Diagnostic {
    Diagnostic::new("this node has no code")
}

fn indicator(spec: Spec) -> IndicatorNode {
    IndicatorNode { spec, lookback: |_| Err(never()), machine: |_| Err(never()) }
}

fn exit(name: &'static str, parameters: &'static [Parameter]) -> ExitNode {
    ExitNode { spec: Spec { name, parameters, ..SPEC }, exit: |_| Err(never()) }
}

fn sizer(name: &'static str, parameters: &'static [Parameter]) -> SizerNode {
    SizerNode { spec: Spec { name, parameters, ..SPEC }, sizer: |_| Err(never()) }
}

fn groups(arguments: &Arguments, prefix: &str) -> Vec<String> {
    let groups = arguments.record("inputs").unwrap();
    groups.iter().map(|group| format!("{prefix}{}", group.name)).collect()
}

const LSTM: ModelNode = ModelNode {
    spec: Spec {
        name: "lstm",
        parameters: &[
            Parameter::required("inputs", Kind::Groups, "features by group"),
            Parameter::required("target", Kind::Label, "what to forecast"),
            Parameter {
                name: "lookback",
                doc: "bars that a network sees",
                kind: Kind::IntegerByGroup(1, 10_000),
                presence: timeweave::node::Presence::Default(timeweave::node::Literal::Integer(30)),
            },
            Parameter::integer("hidden", 32, 1, 4_096, "units"),
            Parameter::number("dropout", 0.1, 0.0, 0.95, "share of values dropped"),
            Parameter::integer("epochs", 40, 1, 100_000, "passes"),
            Parameter::integer("patience", 6, 1, 100_000, "epochs without progress"),
            Parameter::integer("batch", 64, 1, 65_536, "samples a step"),
            Parameter::number("learning_rate", 1e-3, 1e-9, 10.0, "Adam's learning rate"),
            Parameter::record("split", SPLIT, "how bars are split"),
            Parameter::choice("scaler", &["standard", "min_max"], "how features are scaled"),
            Parameter::integer("seed", 7, 0, i64::MAX, "fixes every random number"),
        ],
        ..SPEC
    },
    outputs: |arguments| Ok(groups(arguments, "").into_iter().map(|name| (name, None)).collect()),
};

const SPLIT: &[Parameter] = &[
    Parameter::number("train", 0.6, 0.01, 0.98, "share trained on"),
    Parameter::number("validation", 0.2, 0.01, 0.98, "share that says when to stop"),
];

const DYNAMIC_WEIGHT: ModelNode = ModelNode {
    spec: Spec {
        name: "dynamic_weight",
        parameters: &[
            Parameter::required("forecast", Kind::Model("lstm"), "the forecasts"),
            Parameter::required("given", Kind::SeriesList, "what the weights may depend on"),
        ],
        ..SPEC
    },
    outputs: |arguments| match arguments.get("forecast") {
        Some(Argument::Call(lstm)) => {
            let weights = groups(&lstm.arguments, "weights.");
            Ok(std::iter::once("score".into()).chain(weights).map(|name| (name, None)).collect())
        }
        _ => Err(never()),
    },
};

/// A registry of all of them.
pub fn registry() -> Registry {
    let mut registry = Registry::new();
    for name in ["sma", "ema", "rsi", "roc", "stddev", "returns", "highest", "lowest", "zscore"] {
        let (inputs, outputs) = (PRICE, &["value"]);
        let spec = Spec { name, inputs, parameters: TIMEPERIOD, outputs, ..SPEC };
        registry.add_indicator(indicator(spec)).unwrap();
    }
    for name in ["atr", "natr", "adx"] {
        let spec = Spec { name, inputs: RANGE, parameters: TIMEPERIOD, outputs: &["value"], ..SPEC };
        registry.add_indicator(indicator(spec)).unwrap();
    }
    let outputs = &["macd", "macdsignal", "macdhist"];
    registry.add_indicator(indicator(Spec { name: "macd", inputs: PRICE, outputs, ..SPEC })).unwrap();
    const LEVEL: &[Parameter] = &[Parameter::required("level", Kind::Level, "where the price is")];
    const BARS: &[Parameter] = &[Parameter::required("bars", Kind::Integer(1, 1_000_000), "how many bars to hold")];
    const CONDITION: &[Parameter] = &[Parameter::required("condition", Kind::Condition, "when to leave")];
    const FRACTION: &[Parameter] = &[Parameter::required("fraction", Kind::Percent(0.0, 1000.0), "of equity")];
    for (name, parameters) in [
        ("stop_loss", LEVEL),
        ("take_profit", LEVEL),
        ("trailing_stop", LEVEL),
        ("time_stop", BARS),
        ("exit_when", CONDITION),
    ] {
        registry.add_exit(exit(name, parameters)).unwrap();
    }
    for name in ["percent", "risk"] {
        registry.add_sizer(sizer(name, FRACTION)).unwrap();
    }
    registry.add_model(LSTM).unwrap();
    registry.add_model(DYNAMIC_WEIGHT).unwrap();
    registry
}

/// Compiles a script with these nodes and no settings.
pub fn strategy(text: &str) -> Result<Strategy, Diagnostic> {
    compile(text, "test.rhai", &Options { registry: &registry(), settings: &[] })
}

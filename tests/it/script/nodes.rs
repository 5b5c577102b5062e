//! Nodes for these tests: what the real ones are called and take, without their code.

use timeweave::data::Field;
use timeweave::error::Diagnostic;
use timeweave::node::{ExitNode, IndicatorNode, Inputs, Kind, Parameter, Registry, SizerNode, Spec};
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
    timeweave::models::register(&mut registry).unwrap();
    registry
}

/// Compiles a script with these nodes and no settings.
pub fn strategy(text: &str) -> Result<Strategy, Diagnostic> {
    compile(text, "test.rhai", &Options { registry: &registry(), settings: &[] })
}

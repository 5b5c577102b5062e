//! The language: what scripts declare, and what is set from outside.

use timeweave::error::{Diagnostic, Origin};
use timeweave::expr::{Argument, Entry, SeriesKind};
use timeweave::node::{IndicatorNode, Inputs, Registry, Spec};
use timeweave::script::{Options, Setting, compile};
use timeweave::strategy::{ParameterValue, Strategy};

use super::nodes::{registry, strategy};

fn set(text: &str, settings: &[&str]) -> Result<Strategy, Diagnostic> {
    let settings: Vec<Setting> = settings.iter().map(|setting| setting.parse().unwrap()).collect();
    compile(text, "some/folder/mine.rhai", &Options { registry: &registry(), settings: &settings })
}

const PARAMETERS: &str = "
    let length = param(\"length\", 20, #{ min: 2, max: 200 });
    let threshold = param(\"threshold\", 0.5, #{ min: 0.0 });
    let close = bars(\"1d\").close;
    strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: close > sma(close, length) + threshold } })";

#[test]
fn parameters_are_recorded_and_set_from_outside() {
    let parameter = |name: &str, value: f64, default: f64, range: (f64, f64)| {
        let whole = default.fract() == 0.0;
        let (line, file) = (if whole { 2 } else { 3 }, "some/folder/mine.rhai".into());
        let origin = Some(Origin { file, line, column: if whole { 18 } else { 21 } });
        ParameterValue { name: name.into(), value, default, range, whole, origin }
    };
    let strategy = set(PARAMETERS, &["threshold=1", "length=5", "length=10"]).unwrap();
    assert_eq!(strategy.name, "mine");
    let open = (0.0, f64::INFINITY);
    let wanted = [parameter("length", 10.0, 20.0, (2.0, 200.0)), parameter("threshold", 1.0, 0.5, open)];
    assert_eq!(strategy.parameters, wanted);
    assert_eq!(set(PARAMETERS, &[]).unwrap().parameters[0].value, 20.0);
}

#[test]
fn a_setting_that_does_not_fit_is_refused() {
    for (setting, message, help) in [
        ("lenght=5", "the script has no parameter called `lenght`", "did you mean `length`?"),
        ("length=1", "the parameter `length` is 1: 2 to 200 are allowed", "it was set from outside: length=1"),
        (
            "length=2.5",
            "the parameter `length` is set to 2.5, but is a whole number",
            "its default is 20: write that as 20.0 to allow fractions",
        ),
        (
            "threshold=-1",
            "the parameter `threshold` is -1.0: 0.0 and more are allowed",
            "it was set from outside: threshold=-1",
        ),
    ] {
        let error = set(PARAMETERS, &[setting]).unwrap_err();
        assert_eq!((error.message(), error.help()), (message, Some(help)));
        assert_eq!(&*error.origin().unwrap().file, "some/folder/mine.rhai");
    }
    let none = "strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: true } })";
    let error = set(none, &["length=5"]).unwrap_err();
    assert_eq!(error.help(), Some("it has none: declare it with param(\"length\", …)"));
}

#[test]
fn values_know_where_they_were_made() {
    let strategy = strategy(
        "let close = bars(\"1d\").close;\nlet mean =\n    sma(close, 20);\nstrategy(#{\n    universe: \"us_equities/AAPL\",\n    long: #{ enter: close > mean and close[1] > 5 },\n    exits: [stop_loss(percent(8))],\n})",
    )
    .unwrap();
    let at = |line, column| Some(Origin { file: "test.rhai".into(), line, column });
    let enter = strategy.long.unwrap().enter;
    assert_eq!(enter.origin().cloned(), at(6, 34));
    let timeweave::expr::ConditionKind::And(left, right) = enter.kind() else { panic!("{enter:?}") };
    assert_eq!(left.origin().cloned(), at(6, 27));
    assert_eq!(right.origin().cloned(), at(6, 47));
    let timeweave::expr::ConditionKind::Compare(_, close, mean) = left.kind() else { panic!("{left:?}") };
    assert_eq!(close.origin().cloned(), at(1, 24));
    let SeriesKind::Output(call, 0) = mean.kind() else { panic!("{mean:?}") };
    assert_eq!(call.origin, at(3, 5));
    assert_eq!(call.arguments.origin("timeperiod"), at(3, 16));
    assert_eq!(strategy.exits[0].origin, at(7, 13));
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn records_keep_the_order_in_which_they_were_written() {
    let strategy = strategy(
        "fn features(bars) { #{ zeta: bars.close / bars.open, alpha: rsi(bars.close, 14) } }
         let day = bars(\"1d\"); let week = bars(\"1wk\"); let month = bars(\"1mo\");
         let groups = #{ week: features(week), day: features(day), month: features(month) };
         let forecast = lstm(#{ inputs: groups, target: future_return(day.close, 5), lookback: #{ week: 10, day: 20, month: 6 } });
         let blend = dynamic_weight(forecast, #{ given: [rsi(week.close, 14)] });
         strategy(#{
             universe: [\"us_equities/AAPL\", \"us_equities/MSFT\"],
             long: #{ enter: blend.score > 0 },
             plot: #{ weights: blend.weights, score: blend.score, week: forecast.week },
         })",
    )
    .unwrap();
    let plotted: Vec<&str> = strategy.plot.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(plotted, ["weights.day", "weights.month", "weights.week", "score", "week"]);
    let SeriesKind::Output(blend, 0) = strategy.plot[3].1.kind() else { panic!("{:?}", strategy.plot) };
    assert_eq!(blend.outputs, ["score", "weights.week", "weights.day", "weights.month"]);
    let Argument::Call(lstm) = blend.arguments.get("forecast").unwrap() else { panic!("{blend:?}") };
    let groups = lstm.arguments.record("inputs").unwrap();
    assert_eq!(names(groups), ["week", "day", "month"]);
    for group in groups {
        let Argument::Record(features) = &group.given.value else { panic!("{group:?}") };
        assert_eq!(names(features), ["zeta", "alpha"]);
    }
}

#[test]
fn helpers_closures_and_records_build_expressions() {
    let strategy = strategy(
        "let close = bars(\"1d\").close;
         let lengths = [10, 20, 50];
         let means = lengths.map(|length| sma(close, length));
         let total = means.reduce(|sum, mean| sum + mean, 0.0);
         let all = means.all(|mean| type_of(mean) == \"a series\");
         if !all { throw \"not all are series\"; }
         let long = lengths.filter(|length| length > 15);
         if long.len() != 2 || long.some(|length| length < 15) { throw \"filter\"; }
         let rules = #{ enter: close > total / means.len(), exit: close < total / 3 };
         strategy(#{ universe: \"us_equities/AAPL\", long: rules, size: percent(50), costs: #{ commission: bps(5) } })",
    )
    .unwrap();
    assert_eq!(strategy.size.node, "percent");
    assert_eq!(strategy.size.arguments.percent("fraction").unwrap(), 0.5);
    assert_eq!(strategy.costs.commission, 0.0005);
    assert!(strategy.long.unwrap().exit.is_some());
}

#[test]
fn percent_and_bps_are_the_nearest_numbers() {
    for (written, value) in [("percent(8)", 0.08), ("percent(0.1)", 0.001), ("bps(5)", 0.0005), ("bps(3)", 0.0003)] {
        let text = format!(
            "strategy(#{{ universe: \"us_equities/AAPL\", long: #{{ enter: true }}, costs: #{{ slippage: {written} }} }})"
        );
        assert_eq!(strategy(&text).unwrap().costs.slippage, value, "{written}");
    }
}

#[test]
fn a_node_of_an_embedder_is_a_function_like_the_others() {
    let mut registry = registry();
    let spec = |name| Spec {
        name,
        family: "mine",
        doc: "",
        formula: "",
        inputs: Inputs::Series(&["price"]),
        parameters: &[],
        outputs: &["value"],
        example: "",
        source: "",
    };
    let node = |name| IndicatorNode {
        spec: spec(name),
        lookback: |_| Ok(0),
        machine: |_| Err(Diagnostic::new("this node has no code")),
    };
    registry.add_indicator(node("my_indicator")).unwrap();
    let text = "let close = bars(\"1d\").close;
        strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: my_indicator(close) > close.my_indicator() } })";
    compile(text, "a.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    for name in ["select", "percent", "var", "my indicator"] {
        let mut taken = Registry::new();
        taken.add_indicator(node(name)).unwrap();
        let error = compile(text, "a.rhai", &Options { registry: &taken, settings: &[] }).unwrap_err();
        assert!(error.message().contains(&format!("`{name}`")), "{error}");
    }
}

#[test]
fn the_same_script_is_the_same_strategy() {
    let show = |strategy: &Strategy| format!("{:?}", strategy.long.as_ref().unwrap().enter.kind());
    assert_eq!(show(&set(PARAMETERS, &[]).unwrap()), show(&set(PARAMETERS, &[]).unwrap()));
}

//! What `lstm` and `dynamic_weight` accept, and what they make of it.

use std::sync::Arc;

use timeweave::error::Result;
use timeweave::expr::{Argument, Barriers, BarsRef, Call, Classes, Entry, Label, LabelKind, Series};
use timeweave::models::{Loss, ModelPlan, Regime, SampleWeight, register};
use timeweave::node::Registry;
use timeweave::plan::Plan;
use timeweave::script;
use timeweave::standard_registry;
use timeweave::time::Timeframe;

fn registry() -> Registry {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    registry
}

fn close(timeframe: Timeframe) -> Series {
    BarsRef::new(timeframe).close()
}

fn label(source: Series) -> Argument {
    Argument::Label(Label::new(LabelKind::Return(source), 5))
}

fn record(entries: Vec<(&str, Argument)>) -> Argument {
    let entry = |(name, value): (&str, Argument)| Entry { name: name.into(), given: value.into() };
    Argument::Record(entries.into_iter().map(entry).collect())
}

fn group(series: Vec<(&str, Series)>) -> Argument {
    record(series.into_iter().map(|(name, series)| (name, Argument::Series(series))).collect())
}

/// A call of `lstm` on a daily and a weekly group, with more entries or other ones.
fn lstm(other: Vec<(&str, Argument)>) -> Result<Call> {
    let day = group(vec![("momentum", close(Timeframe::DAY)), ("one", Series::constant(1.0))]);
    let week = group(vec![("trend", close(Timeframe::WEEK))]);
    let mut entries =
        vec![("inputs", record(vec![("day", day), ("week", week)])), ("target", label(close(Timeframe::DAY)))];
    entries.retain(|(name, _)| other.iter().all(|(replaced, _)| replaced != name));
    entries.extend(other);
    registry().call("lstm", [record(entries).into()], None)
}

fn declared(call: &Call) -> ModelPlan {
    let architecture = registry().model(&call.node).unwrap().architecture.unwrap();
    ModelPlan::forecaster(call, architecture(&call.arguments).unwrap()).unwrap()
}

#[test]
fn training_plans_read_every_argument() {
    let call =
        lstm(vec![("lookback", record(vec![("week", 8.into()), ("day", 20.into())])), ("hidden", 12.into())]).unwrap();
    assert_eq!(call.outputs, ["day", "week"]);
    assert_eq!(call.output_timeframes, [Some(Timeframe::DAY); 2]);
    let plan = declared(&call);
    let groups = &plan.configuration.groups;
    assert_eq!(
        (groups[0].lookback, groups[1].lookback, plan.configuration.design.settings["hidden"].clone()),
        (20, 8, 12.into())
    );
    assert_eq!((groups[0].features.join(" "), groups[1].timeframe.as_str()), ("momentum one".into(), "1wk"));
    assert_eq!((plan.configuration.horizon, plan.timeframe), (5, Timeframe::DAY));

    let given = Argument::List(vec![close(Timeframe::WEEK).into()]);
    let options = record(vec![("given", given), ("training", "staged".into())]);
    let weights = registry().call("dynamic_weight", [call.clone().into(), options.into()], None).unwrap();
    assert_eq!(weights.outputs, ["score", "weights.day", "weights.week"]);
    let plan = declared(&call).weighed(&weights.arguments).unwrap();
    let weighting = plan.configuration.weighting.unwrap();
    assert_eq!((weighting.given, weighting.regime, weighting.auxiliary), (1, Regime::Staged, 0.5));
}

#[test]
fn training_plans_say_what_does_not_fit() {
    let message = |other: Vec<(&str, Argument)>| lstm(other).unwrap_err().to_string();
    let inputs = |name: &str, series: Vec<(&str, Series)>| vec![("inputs", record(vec![(name, group(series))]))];
    let split = |train: f64, validation: f64| {
        vec![("split", record(vec![("train", train.into()), ("validation", validation.into())]))]
    };
    let messages = [
        message(inputs("mixed", vec![("a", close(Timeframe::DAY)), ("b", close(Timeframe::WEEK))])),
        message(vec![("target", label(close(Timeframe::WEEK)))]),
        message(vec![("target", label(Series::constant(1.0)))]),
        message(inputs("day", vec![("a", Series::constant(1.0))])),
        message(inputs("weights", vec![("a", close(Timeframe::DAY))])),
        message(split(0.7, 0.3)),
        message(vec![("lookback", record(vec![("day", 5.into())]))]),
        message(vec![("lookback", record(vec![("day", 5.into()), ("weak", 5.into())]))]),
        message(vec![("target", Argument::Series(close(Timeframe::DAY)))]),
        message(vec![("patiance", 5.into())]),
    ];
    insta::assert_snapshot!("messages", messages.join("\n"));

    let week = lstm(vec![
        ("inputs", record(vec![("week", group(vec![("a", close(Timeframe::WEEK))]))])),
        ("target", label(close(Timeframe::WEEK))),
    ]);
    let week = Arc::new(week.unwrap());
    let weighted = |given: Vec<Series>| {
        let given = Argument::List(given.into_iter().map(Into::into).collect());
        registry()
            .call("dynamic_weight", [week.clone().into(), record(vec![("given", given)]).into()], None)
            .unwrap_err()
    };
    insta::assert_snapshot!(format!("{}\n{}", weighted(vec![]), weighted(vec![close(Timeframe::DAY)])), @r"
    `dynamic_weight` is given nothing: the weights would never change
      help: give what tells market states apart: [natr(day, 14), adx(day, 14)]
    `given` has a series at 1d, finer than the target at 1wk
      help: give it at 1wk or coarser
    ");
}

/// A trained model is used again while this text stays.
#[test]
fn what_a_model_depends_on_shows_the_numbers_inside_of_a_recursion() {
    let registry = standard_registry().unwrap();
    let explained = |share: &str| {
        let text = format!(
            r#"let close = bars("1d").close;
            let smooth = scan(close, |before| before + {share} * (close - before));
            let forecast = lstm(#{{ inputs: #{{ day: #{{ change: close / smooth }} }}, target: future_return(close, 5) }});
            strategy(#{{ universe: "a/B", long: #{{ enter: forecast.day > 0 }} }})"#
        );
        let options = script::Options { registry: &registry, settings: &[] };
        let plan = Plan::new(&script::compile(&text, "scan.rhai", &options).unwrap(), &registry).unwrap();
        plan.explain_model(&plan.models[0])
    };
    assert_eq!(explained("0.1"), explained("0.1"));
    assert_ne!(explained("0.1"), explained("0.9"));
}

#[test]
fn training_plans_choose_a_loss_that_suits_the_target() {
    let chosen = |kind: LabelKind, other: Vec<(&str, Argument)>| {
        let mut all = vec![("target", Argument::Label(Label::new(kind, 5)))];
        all.extend(other);
        let call = lstm(all).unwrap();
        let configuration = declared(&call).configuration;
        (configuration.loss, configuration.sample_weight)
    };
    let gain = || LabelKind::Return(close(Timeframe::DAY));
    let sign = || LabelKind::Direction { of: close(Timeframe::DAY), threshold: None };
    let barriers = || {
        let distance = || close(Timeframe::DAY) * 0.02;
        LabelKind::TripleBarrier(Barriers::new(&BarsRef::new(Timeframe::DAY), distance(), distance()))
    };
    let equal = SampleWeight::Equal;
    let loss = |word: &str| vec![("loss", Argument::from(word))];
    assert_eq!(chosen(gain(), vec![]), (Loss::Mse, equal));
    assert_eq!(chosen(sign(), vec![]), (Loss::CrossEntropy { classes: Classes::Two }, equal));
    let three = Loss::CrossEntropy { classes: Classes::Three };
    assert_eq!(chosen(barriers(), vec![]), (three, SampleWeight::Uniqueness));
    assert_eq!(chosen(barriers(), vec![("sample_weight", "equal".into())]), (three, equal));
    assert_eq!(chosen(gain(), vec![("sample_weight", "uniqueness".into())]), (Loss::Mse, SampleWeight::Uniqueness));
    assert_eq!(chosen(sign(), loss("mse")).0, Loss::Mse);
    assert_eq!(chosen(gain(), loss("huber")).0, Loss::Huber { delta: 1.0 });
    let mut wider = loss("huber");
    wider.push(("huber_delta", 2.5.into()));
    assert_eq!(chosen(gain(), wider).0, Loss::Huber { delta: 2.5 });
    let mut tenth = loss("quantile");
    tenth.push(("quantile", 0.1.into()));
    assert_eq!(chosen(gain(), tenth).0, Loss::Quantile { quantile: 0.1 });
    assert_eq!(chosen(gain(), loss("sharpe")).0, Loss::Sharpe);
}

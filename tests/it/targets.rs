//! What models are trained to forecast: labels from a script, planned, computed, and never known early.

use timeweave::data::{Bars, Field};
use timeweave::models::InstrumentData;
use timeweave::node::Registry;
use timeweave::pipeline::{MarketData, Options, evaluate_on, model_data};
use timeweave::plan::Plan;
use timeweave::proof::prove;
use timeweave::run::{Keep, evaluate};
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::Timeframe;

use super::random::{daily, with_weeks};

/// A strategy with a small model that forecasts a target.
fn strategy(target: &str, registry: &Registry) -> Strategy {
    let text = format!(
        r#"
        let day = bars("1d");
        let week = bars("1wk");
        let forecast = lstm(#{{
            inputs: #{{ day: #{{ change: returns(day.close), strength: rsi(day.close, 5) / 100 }} }},
            target: {target},
            lookback: 4, hidden: 4, epochs: 1, batch: 64,
        }});
        strategy(#{{ universe: "made/UP", long: #{{ enter: forecast.day > 0, exit: forecast.day < 0 }} }})"#
    );
    compile(&text, "target.rhai", &script::Options { registry, settings: &[] }).unwrap()
}

fn plan(target: &str) -> Plan {
    let registry = standard_registry().unwrap();
    Plan::new(&strategy(target, &registry), &registry).unwrap()
}

/// What the model reads of some bars.
fn data(target: &str, bars: Bars) -> InstrumentData {
    let mut found = None;
    evaluate(&plan(target), vec![with_weeks(bars.clone())], Keep::Results, |model, values| {
        found = Some(model_data(model, &values[0])?);
        Ok(vec![vec![vec![f64::NAN; bars.len()].into()]])
    })
    .unwrap();
    found.unwrap()
}

const BARRIERS: &str = "triple_barrier(day, #{ upper: percent(4), lower: atr(week, 3) * 0.5, bars: 8 })";

#[test]
fn a_label_from_a_script_is_what_a_loop_over_the_bars_gives() {
    let bars = daily(11, 300);
    let close = bars.field(Field::Close).to_vec();
    let closes = bars.close_instants().to_vec();
    let gain = |bar: usize| close.get(bar + 3).map_or(f64::NAN, |ahead| ahead / close[bar] - 1.0);
    // Written out: the sample deviation of the last ten returns would be another; TA-Lib's is the population's.
    let deviation = |bar: usize| {
        let returns: Vec<f64> = (bar.max(10) - 9..=bar).map(|at| close[at] / close[at - 1] - 1.0).collect();
        let mean = returns.iter().sum::<f64>() / 10.0;
        let variance = returns.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 10.0;
        if bar < 10 { f64::NAN } else { variance.sqrt() }
    };
    let sign = |value: f64, threshold: f64| match value {
        value if value > threshold => 1.0,
        value if value < -threshold => -1.0,
        value if value.is_nan() => value,
        _ => 0.0,
    };
    type Slow<'a> = &'a dyn Fn(usize) -> f64;
    let cases: [(&str, Slow); 6] = [
        ("future_return(day.close, 3)", &gain),
        ("future_log_return(day.close, 3)", &|bar| (1.0 + gain(bar)).ln()),
        ("future_direction(day.close, 3)", &|bar| sign(gain(bar), 0.0)),
        ("future_direction(day.close, 3, percent(1))", &|bar| sign(gain(bar), 0.01)),
        ("future_direction(day.close, 3, stddev(returns(day.close), 10))", &|bar| {
            if deviation(bar).is_nan() { f64::NAN } else { sign(gain(bar), deviation(bar)) }
        }),
        ("future_scaled_return(day.close, 3, stddev(returns(day.close), 10))", &|bar| {
            gain(bar) / (deviation(bar) * 3.0_f64.sqrt())
        }),
    ];
    for (target, slow) in cases {
        let data = data(target, bars.clone());
        let mut known = 0;
        for (bar, value) in data.target.iter().enumerate() {
            let expected = slow(bar);
            let same = (value - expected).abs() < 1e-9 || (value.is_nan() && expected.is_nan());
            assert!(same, "{target} on bar {bar}: {value} is not {expected}");
            assert_eq!(data.known_at[bar], closes.get(bar + 3).copied().unwrap_or(i64::MAX));
            known += usize::from(!value.is_nan());
        }
        assert!(known > 280, "{target}: {known}");
    }
}

#[test]
fn triple_barriers_are_what_a_loop_over_the_path_gives() {
    let bars = daily(5, 400);
    let data = data(BARRIERS, bars.clone());
    let field = |field: Field| bars.field(field).to_vec();
    let (open, high, low, close) = (field(Field::Open), field(Field::High), field(Field::Low), field(Field::Close));
    let weekly = with_weeks(bars.clone());
    let weeks = weekly.at(Timeframe::WEEK).unwrap();
    let week = |name: Field| weeks.field(name).to_vec();
    let (high_of_week, low_of_week, close_of_week) = (week(Field::High), week(Field::Low), week(Field::Close));
    // Wilder's average of three true ranges, from the second week on.
    let mut average = vec![f64::NAN; weeks.len()];
    let range = |at: usize| {
        let before = close_of_week[at - 1];
        high_of_week[at].max(before) - low_of_week[at].min(before)
    };
    for at in 3..weeks.len() {
        average[at] = match at {
            3 => (range(1) + range(2) + range(3)) / 3.0,
            _ => (average[at - 1] * 2.0 + range(at)) / 3.0,
        };
    }
    let mut counts = [0; 4];
    for bar in 0..close.len() {
        let seen = weeks.close_instants().partition_point(|instant| *instant <= bars.close_instants()[bar]);
        let distance = seen.checked_sub(1).map_or(f64::NAN, |at| average[at] * 0.5);
        let (above, below) = (close[bar] * 1.04, close[bar] - distance);
        let mut expected = (f64::NAN, i64::MAX);
        for ahead in bar + 1..=(bar + 8).min(close.len() - 1) {
            let met = if distance.is_nan() {
                None
            } else if open[ahead] >= above {
                Some(1.0)
            } else if low[ahead] <= below {
                Some(-1.0)
            } else if high[ahead] >= above {
                Some(1.0)
            } else {
                None
            };
            let out_of_time = (ahead == bar + 8).then_some(if distance.is_nan() { f64::NAN } else { 0.0 });
            if let Some(value) = met.or(out_of_time) {
                expected = (value, bars.close_instants()[ahead]);
                break;
            }
        }
        let same = data.target[bar] == expected.0 || (data.target[bar].is_nan() && expected.0.is_nan());
        assert!(same && data.known_at[bar] == expected.1, "bar {bar}: {} is not {expected:?}", data.target[bar]);
        counts[if expected.0.is_nan() { 3 } else { (expected.0 + 1.0) as usize }] += 1;
    }
    assert!(counts.iter().all(|count| *count > 10), "every outcome occurs: {counts:?}");
}

#[test]
fn a_label_whose_end_varies_is_never_known_early() {
    let registry = standard_registry().unwrap();
    let market = MarketData { instruments: vec![with_weeks(daily(7, 500))], inputs: vec![].into() };
    for target in [BARRIERS, "future_scaled_return(day.close, 4, natr(week, 3))"] {
        let strategy = strategy(target, &registry);
        let run = evaluate_on(strategy, &registry, market.clone(), &Options::default(), &mut |_| {}).unwrap();
        let proof = prove(&run, &registry, 12, &mut |_, _| {}).unwrap();
        assert_eq!(proof.differences, [], "{target}");
    }
}

#[test]
fn explanations_name_all_that_a_label_reads() {
    let plan = plan(BARRIERS);
    let text = plan.explain_model(&plan.models[0]);
    let target = text.lines().last().unwrap();
    insta::assert_snapshot!(target);
    let tree = plan.tree(&[]);
    let below = tree.lines().skip_while(|line| !line.contains("target"));
    let below = below.map(str::trim_start).map(|line| line.split("   ").next().unwrap_or(line));
    let below: Vec<&str> = below.filter(|line| *line != "│").collect();
    insta::assert_snapshot!(below.join("\n"));
    let drawn: Vec<String> = plan
        .dot()
        .lines()
        .filter_map(|line| Some(line.split_once("label=")?.1.split('"').nth(1)?.to_owned()))
        .filter(|label| label.contains("ahead"))
        .collect();
    assert_eq!(drawn.len(), 6, "{drawn:?}");
}

#[test]
fn another_threshold_or_distance_is_another_model() {
    let explained = |target: &str| {
        let plan = plan(target);
        plan.explain_model(&plan.models[0])
    };
    let pairs = [
        ("future_direction(day.close, 3)", "future_direction(day.close, 3, percent(1))"),
        ("future_direction(day.close, 3, percent(1))", "future_direction(day.close, 3, percent(2))"),
        (BARRIERS, &BARRIERS.replace("percent(4)", "percent(5)")),
        (BARRIERS, &BARRIERS.replace("atr(week, 3)", "atr(week, 4)")),
        (BARRIERS, &BARRIERS.replace("bars: 8", "bars: 9")),
    ];
    for (one, other) in pairs {
        assert_eq!(explained(one), explained(one));
        assert_ne!(explained(one), explained(other));
    }
}

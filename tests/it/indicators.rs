//! Properties of every indicator in the registry, whatever it computes.

#![allow(clippy::unwrap_used, clippy::panic)] // what fails here fails the test

use proptest::prelude::{Strategy, any, prop, proptest};
use proptest::test_runner::Config;
use timeweave::data::{Column, Field};
use timeweave::expr::{Argument, Arguments, Binary, Entry, Unary};
use timeweave::indicators;
use timeweave::node::{IndicatorNode, Inputs, Kind, Registry, bind_record};

/// The five columns of bars, in the order of `Field::ALL`.
type Bars = [Vec<f64>; 5];

fn registry() -> Registry {
    let mut registry = Registry::new();
    indicators::register(&mut registry).unwrap();
    registry
}

/// Bars that any market could have made: a random walk of positive prices that stands still now and
/// then.
fn walk(length: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Bars> {
    let bar = (0..8, -0.05..0.05, 0.0..0.02, 0.0..0.02, 0.0..1e6);
    prop::collection::vec(bar, length).prop_map(|bars| {
        let mut columns = Bars::default();
        let mut close: f64 = 100.0;
        for (kind, step, above, below, volume) in bars {
            let still = if kind == 0 { 0.0 } else { 1.0 };
            let open = close;
            close *= 1.0 + still * step;
            let high = open.max(close) * (1.0 + still * above);
            let low = open.min(close) * (1.0 - still * below);
            for (column, value) in columns.iter_mut().zip([open, high, low, close, still * volume]) {
                column.push(value);
            }
        }
        columns
    })
}

/// The same with values that are missing or not finite here and there. Columns are computed 256 or
/// 512 bars at a time, those with gaps another way: there are blocks of both kinds, and rests.
fn walk_with_gaps() -> impl Strategy<Value = Bars> {
    let gap = (any::<prop::sample::Index>(), 0..5_usize, prop::sample::select(vec![f64::NAN, f64::INFINITY]));
    (walk(1..800), prop::collection::vec(gap, 0..12)).prop_map(|(mut bars, gaps)| {
        for (bar, field, value) in gaps {
            let bar = bar.index(bars[field].len());
            bars[field][bar] = value;
        }
        bars
    })
}

/// Bars that move on each bar, so that no formula divides by zero.
fn moving_walk() -> impl Strategy<Value = Bars> {
    let bar = (any::<bool>(), 0.001..0.05, 0.001..0.02, 0.001..0.02, 1.0..1e6);
    prop::collection::vec(bar, 200..220).prop_map(|bars| {
        let mut columns = Bars::default();
        let mut close: f64 = 100.0;
        for (up, step, above, below, volume) in bars {
            let open = close;
            close *= if up { 1.0 + step } else { 1.0 - step };
            let (high, low) = (open.max(close) * (1.0 + above), open.min(close) * (1.0 - below));
            for (column, value) in columns.iter_mut().zip([open, high, low, close, volume]) {
                column.push(value);
            }
        }
        columns
    })
}

/// The columns that a node reads of the bars: fields as they are, series by name where they name a
/// field, and otherwise one field after the other.
fn inputs(node: &IndicatorNode, bars: &Bars) -> Vec<Column> {
    let fields: Vec<Field> = match node.spec.inputs {
        Inputs::None => Vec::new(),
        Inputs::Bars(fields) => fields.to_vec(),
        Inputs::Series(names) => {
            let named = |name: &str| Field::ALL.into_iter().find(|field| field.name() == name);
            names.iter().enumerate().map(|(i, name)| named(name).unwrap_or(Field::ALL[i % 5])).collect()
        }
    };
    fields.into_iter().map(|field| Column::from(bars[field as usize].clone())).collect()
}

/// Arguments within the ranges of the Spec, drawn from random numbers: small lengths, all choices,
/// a default now and then.
fn arguments(registry: &Registry, node: &IndicatorNode, draws: &[u32]) -> Arguments {
    let mut entries = Vec::new();
    for (parameter, draw) in node.spec.parameters.iter().zip(draws) {
        if draw % 5 == 0 {
            continue;
        }
        let draw = draw / 5;
        let value = match parameter.kind {
            Kind::Integer(min, max) => Argument::Integer(min + i64::from(draw) % (max - min + 1).min(14)),
            Kind::Number(min, max) => {
                let (min, max) = (min.max(-4.0), max.min(4.0));
                Argument::Number(min + (max - min) * f64::from(draw % 1000) / 999.0)
            }
            Kind::Choice(words) => Argument::from(words[draw as usize % words.len()]),
            Kind::Flag => Argument::Flag(draw % 2 == 0),
            other => panic!("{}: there is no way to draw {other:?}", node.spec.name),
        };
        entries.push(Entry { name: parameter.name.into(), given: value.into() });
    }
    bind_record(registry, node.spec.name, node.spec.parameters, entries).unwrap()
}

fn draws() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 10)
}

fn run(node: &IndicatorNode, arguments: &Arguments, inputs: &[Column]) -> Vec<Column> {
    (node.machine)(arguments).unwrap().columns(inputs)
}

fn part(columns: &[Column], from: usize, to: usize) -> Vec<Column> {
    columns.iter().map(|column| column[from..to].to_vec().into()).collect()
}

fn bits(columns: &[Column]) -> Vec<Vec<u64>> {
    columns.iter().map(|column| column.iter().map(|value| value.to_bits()).collect()).collect()
}

/// What a person needs to see the case again.
fn name(node: &IndicatorNode, arguments: &Arguments) -> String {
    format!("{} {:?}", node.spec.name, arguments.iter().collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, cases: 96, ..Config::default() })]

    #[test]
    fn a_column_is_the_same_as_bar_by_bar(bars in walk_with_gaps(), draws in draws()) {
        let registry = registry();
        for node in registry.indicators() {
            let arguments = arguments(&registry, node, &draws);
            let inputs = inputs(node, &bars);
            let columns = run(node, &arguments, &inputs);
            // The first to read a column looks for gaps, the next knows where they are.
            let again = run(node, &arguments, &inputs);
            assert_eq!(bits(&columns), bits(&again), "{} of known columns", name(node, &arguments));
            let mut machine = (node.machine)(&arguments).unwrap();
            for bar in 0..columns[0].len() {
                let row: Vec<f64> = inputs.iter().map(|column| column[bar]).collect();
                let mut outputs = vec![0.0; columns.len()];
                machine.update_row(&row, &mut outputs);
                for (output, column) in outputs.iter().zip(&columns) {
                    assert_eq!(output.to_bits(), column[bar].to_bits(), "{}, bar {bar}", name(node, &arguments));
                    assert!(!output.is_infinite(), "{}, bar {bar}", name(node, &arguments));
                }
            }
        }
    }

    #[test]
    fn the_beginning_does_not_depend_on_the_rest(
        bars in walk_with_gaps(),
        draws in draws(),
        cut in any::<prop::sample::Index>(),
    ) {
        let registry = registry();
        let length = bars[0].len();
        let cut = cut.index(length + 1);
        for node in registry.indicators() {
            let arguments = arguments(&registry, node, &draws);
            let inputs = inputs(node, &bars);
            let whole = run(node, &arguments, &inputs);
            let mut machine = (node.machine)(&arguments).unwrap();
            let beginning = machine.columns(&part(&inputs, 0, cut));
            assert_eq!(bits(&beginning), bits(&part(&whole, 0, cut)), "{}", name(node, &arguments));
            let rest = machine.columns(&part(&inputs, cut, length));
            assert_eq!(bits(&rest), bits(&part(&whole, cut, length)), "{} goes on", name(node, &arguments));
        }
    }

    #[test]
    fn a_gap_is_passed_over(bars in walk_with_gaps(), draws in draws()) {
        let registry = registry();
        for node in registry.indicators() {
            let arguments = arguments(&registry, node, &draws);
            let inputs = inputs(node, &bars);
            let known: Vec<bool> =
                (0..bars[0].len()).map(|bar| inputs.iter().all(|column| column[bar].is_finite())).collect();
            let without_gaps = |columns: &[Column]| -> Vec<Column> {
                let keep = |column: &Column| column.iter().zip(&known).filter(|(_, known)| **known).map(|(v, _)| *v).collect();
                columns.iter().map(keep).collect()
            };
            let outputs = run(node, &arguments, &inputs);
            let expected = run(node, &arguments, &without_gaps(&inputs));
            assert_eq!(bits(&without_gaps(&outputs)), bits(&expected), "{}", name(node, &arguments));
            for column in &outputs {
                let silent = column.iter().zip(&known).all(|(value, known)| *known || value.is_nan());
                assert!(silent, "{} has a value on a bar that is not known", name(node, &arguments));
            }
        }
    }

    #[test]
    fn the_first_value_stands_at_the_lookback(bars in moving_walk(), draws in draws()) {
        let registry = registry();
        for node in registry.indicators() {
            let arguments = arguments(&registry, node, &draws);
            let lookback = (node.lookback)(&arguments).unwrap();
            let outputs = run(node, &arguments, &inputs(node, &bars));
            assert_eq!(outputs.len(), node.spec.outputs.len(), "{}", node.spec.name);
            for (output, column) in node.spec.outputs.iter().zip(&outputs) {
                let first = column.iter().position(|value| !value.is_nan()).unwrap_or(column.len());
                assert_eq!(first, lookback.min(column.len()), "{} of {}", output, name(node, &arguments));
                let gap = column.iter().skip(first).position(|value| value.is_nan());
                assert_eq!(gap, None, "{} of {} stops", output, name(node, &arguments));
            }
        }
    }
}

/// So many closes: a random walk with a spell in the millions, which leaves its rounding in every
/// sum that subtracts what leaves the window.
fn closes(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut walk = 100.0;
    (0..count)
        .map(|bar| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            walk += (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            walk = walk.clamp(50.0, 200.0);
            if (200_000..210_000).contains(&bar) { walk * 1e7 } else { walk }
        })
        .collect()
}

/// The sum, with the rounding of each step kept and added at the end (Neumaier).
fn exact_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// What a window should give, computed the slow way.
type Expected<'a> = &'a dyn Fn(&[f64]) -> f64;

#[test]
fn nothing_drifts_over_a_million_bars() {
    let registry = registry();
    let values = closes(1_000_000, 7);
    for length in [5_usize, 20, 1000] {
        let mean = |window: &[f64]| exact_sum(window.iter().copied()) / length as f64;
        let deviation = |window: &[f64]| {
            let mean = mean(window);
            (exact_sum(window.iter().map(|value| (value - mean).powi(2))) / length as f64).sqrt()
        };
        let weighted = |window: &[f64]| {
            let weights = (length * (length + 1)) as f64 / 2.0;
            exact_sum(window.iter().enumerate().map(|(i, value)| (i + 1) as f64 * value)) / weights
        };
        let expectations: [(&str, Expected, f64); 3] =
            [("sma", &mean, 1e-13), ("wma", &weighted, 1e-13), ("stddev", &deviation, 1e-12)];
        for (name, expected, tolerance) in expectations {
            let node = registry.indicator(name).unwrap();
            let period = Entry { name: "timeperiod".into(), given: (length as i64).into() };
            let arguments = bind_record(&registry, name, node.spec.parameters, vec![period]).unwrap();
            let column = &run(node, &arguments, &[Column::from(values.clone())])[0];
            for bar in (length..values.len()).step_by(9973).chain([values.len() - 1]) {
                let expected = expected(&values[bar + 1 - length..=bar]);
                let error = (column[bar] - expected).abs() / expected;
                assert!(error <= tolerance, "{name} over {length}, bar {bar}: {} is not {expected}", column[bar]);
            }
        }
    }
}

/// The mean of the products of two windows' distances from their means, with a compensated sum.
fn covariance(first: &[f64], second: &[f64]) -> f64 {
    let length = first.len() as f64;
    let means = [first, second].map(|window| exact_sum(window.iter().copied()) / length);
    exact_sum(first.iter().zip(second).map(|(a, b)| (a - means[0]) * (b - means[1]))) / length
}

/// The same of two columns' windows.
type ExpectedOfTwo<'a> = &'a dyn Fn(&[f64], &[f64]) -> f64;

/// Prints how far the last thousand of ten million bars are off, beside a mean of a running sum.
#[test]
#[ignore = "prints figures: cargo test --release --test it -- --ignored --nocapture ten_million"]
fn errors_after_ten_million_bars() {
    let registry = registry();
    let (first, second) = (closes(10_000_000, 7), closes(10_000_000, 8));
    let columns = [Column::from(first.clone()), Column::from(second.clone())];
    let mean = |window: &[f64], _: &[f64]| exact_sum(window.iter().copied()) / window.len() as f64;
    let weighted = |window: &[f64], _: &[f64]| {
        let weights = (window.len() * (window.len() + 1)) as f64 / 2.0;
        exact_sum(window.iter().enumerate().map(|(i, value)| (i + 1) as f64 * value)) / weights
    };
    let deviation = |window: &[f64], _: &[f64]| covariance(window, window).sqrt();
    let line = |window: &[f64], _: &[f64]| {
        let places: Vec<f64> = (0..window.len()).map(|place| place as f64).collect();
        let slope = covariance(&places, window) / covariance(&places, &places);
        mean(window, window) + slope * (window.len() - 1) as f64 / 2.0
    };
    let correlation = |a: &[f64], b: &[f64]| covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt();
    let largest = |column: &[f64], length: usize, expected: ExpectedOfTwo| {
        let errors = (first.len() - 1000..first.len()).map(|bar| {
            let window = bar + 1 - length..=bar;
            let expected = expected(&first[window.clone()], &second[window]);
            (column[bar] - expected).abs() / expected.abs()
        });
        errors.fold(0.0, f64::max)
    };
    let expectations: [(&str, ExpectedOfTwo, usize); 5] = [
        ("sma", &mean, 1),
        ("wma", &weighted, 1),
        ("stddev", &deviation, 1),
        ("linearreg", &line, 1),
        ("correl", &correlation, 2),
    ];
    for (name, expected, inputs) in expectations {
        for length in [5_usize, 30, 200] {
            let node = registry.indicator(name).unwrap();
            let period = Entry { name: "timeperiod".into(), given: (length as i64).into() };
            let arguments = bind_record(&registry, name, node.spec.parameters, vec![period]).unwrap();
            let column = &run(node, &arguments, &columns[..inputs])[0];
            let error = largest(column, length, expected);
            println!("{name}({length}): largest relative error {error:.1e}");
            assert!(error <= 1e-9, "{name}({length}): {error}");
        }
    }
    let mut sum = 0.0;
    let running: Vec<f64> = (0..first.len())
        .map(|bar| {
            sum += first[bar] - if bar < 30 { 0.0 } else { first[bar - 30] };
            sum / 30.0
        })
        .collect();
    println!("a running sum's mean(30): largest relative error {:.1e}", largest(&running, 30, &mean));
}

#[test]
fn no_indicator_takes_the_name_of_an_operator() {
    let registry = registry();
    let unary = Unary::FUNCTIONS.map(Unary::name);
    let binary = Binary::ALL.map(Binary::name);
    for name in unary.iter().chain(&binary) {
        assert!(registry.indicator(name).is_none(), "`{name}` is an operator of the language");
    }
}

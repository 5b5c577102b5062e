//! No value is seen before its time: what is computed on the first bars alone is what is computed
//! on all of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;
use timeweave::backtest::ExitReason;
use timeweave::data::{Bars, Column, Field, Instrument};
use timeweave::expr::{Argument, BarsRef, Binary, Comparison, Condition, Entry, Given, Series, Unary};
use timeweave::node::Registry;
use timeweave::pipeline::{Evaluated, MarketData, Options, evaluate_on};
use timeweave::plan::Plan;
use timeweave::proof::prove;
use timeweave::report::proof_page;
use timeweave::run::{Evaluation, InstrumentBars, Keep, Value, evaluate};
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Fill, Strategy};
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// A random walk of daily bars on weekdays, with a few of them missing.
fn daily(seed: u64, length: usize) -> Bars {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut timestamps, mut rows) = (Vec::new(), Vec::new());
    let mut price = 100.0;
    // 1970-01-05 was a Monday.
    for day in 4_i64.. {
        if timestamps.len() == length {
            break;
        }
        if matches!(day.rem_euclid(7), 2 | 3) || uniform() < 0.05 {
            continue;
        }
        timestamps.push(day * Timestamp::DAY);
        let open = price * (1.0 + 0.01 * (uniform() - 0.5));
        let close = open * (1.0 + 0.04 * (uniform() - 0.5));
        let high = open.max(close) * (1.0 + 0.01 * uniform());
        let low = open.min(close) * (1.0 - 0.01 * uniform());
        rows.push([open, high, low, close, (1e6 * uniform()).floor()]);
        price = close;
    }
    let column = |index: usize| rows.iter().map(|row| row[index]).collect();
    Bars::new(Timeframe::DAY, &Calendar::Weekdays, timestamps, std::array::from_fn(column)).unwrap()
}

/// The first bars of some.
fn first(bars: &Bars, length: usize) -> Bars {
    let fields = Field::ALL.map(|field| bars.field(field)[..length].to_vec());
    Bars::new(bars.timeframe(), &Calendar::Weekdays, bars.timestamps()[..length].to_vec(), fields).unwrap()
}

/// Daily bars with the weekly ones that they make, beside an instrument that trades on other days, as
/// far as its bars have closed.
fn with_weeks(bars: Bars) -> InstrumentBars {
    let weekly = bars.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    let other = daily(1_234, 300);
    let last = bars.close_instants().last().copied().unwrap_or(i64::MIN);
    let other = first(&other, other.close_instants().partition_point(|close| *close <= last));
    InstrumentBars::new("made/UP".parse().unwrap(), [bars, weekly]).with(other_instrument(), other)
}

fn other_instrument() -> Instrument {
    "made/OTHER".parse().unwrap()
}

/// Whose bars a random expression reads, and at which timeframe.
#[derive(Clone, Copy, Debug)]
enum Read {
    Day,
    Week,
    Other,
}

impl Read {
    fn bars(self) -> BarsRef {
        match self {
            Read::Day => BarsRef::new(Timeframe::DAY),
            Read::Week => BarsRef::new(Timeframe::WEEK),
            Read::Other => BarsRef::of(other_instrument(), Timeframe::DAY),
        }
    }
}

/// A random expression.
#[derive(Clone, Debug)]
enum Tree {
    Column(Read, usize),
    Constant(f64),
    Unary(usize, Box<Tree>),
    Binary(usize, Box<Tree>, Box<Tree>),
    Shift(usize, Box<Tree>),
    Select(usize, Box<[Tree; 4]>),
    Crossed(bool, Box<[Tree; 4]>),
    OfSeries(usize, i64, Box<Tree>),
    OfBars(usize, Read),
}

const OF_SERIES: [&str; 8] = ["sma", "ema", "rsi", "stddev", "highest", "lowest", "zscore", "roc"];
const OF_BARS: [&str; 5] = ["atr", "adx", "stoch", "obv", "natr"];

fn trees() -> impl Generator<Value = Tree> {
    let read = || prop_oneof![3 => Just(Read::Day), 2 => Just(Read::Week), 1 => Just(Read::Other)];
    let leaf = prop_oneof![
        4 => (read(), 0..5_usize).prop_map(|(read, field)| Tree::Column(read, field)),
        1 => (-3.0..3.0_f64).prop_map(Tree::Constant),
        2 => (0..OF_BARS.len(), read()).prop_map(|(name, read)| Tree::OfBars(name, read)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let four = || [inner.clone(), inner.clone(), inner.clone(), inner.clone()];
        prop_oneof![
            (0..Unary::FUNCTIONS.len(), inner.clone()).prop_map(|(o, a)| Tree::Unary(o, a.into())),
            (0..Binary::ALL.len(), inner.clone(), inner.clone()).prop_map(|(o, a, b)| Tree::Binary(
                o,
                a.into(),
                b.into()
            )),
            (0..9_usize, inner.clone()).prop_map(|(n, a)| Tree::Shift(n, a.into())),
            (0..Comparison::ALL.len(), four()).prop_map(|(c, all)| Tree::Select(c, all.into())),
            (any::<bool>(), four()).prop_map(|(above, all)| Tree::Crossed(above, all.into())),
            (0..OF_SERIES.len(), 2..20_i64, inner).prop_map(|(name, n, a)| Tree::OfSeries(name, n, a.into())),
        ]
    })
}

impl Tree {
    fn series(&self, registry: &Registry) -> Series {
        let of = |tree: &Tree| tree.series(registry);
        match self {
            Tree::Column(read, field) => read.bars().field(Field::ALL[*field]),
            Tree::Constant(value) => Series::constant(*value),
            Tree::Unary(operator, a) => of(a).unary(Unary::FUNCTIONS[*operator]),
            Tree::Binary(operator, a, b) => of(a).binary(Binary::ALL[*operator], of(b)),
            Tree::Shift(bars, a) => of(a).shift(*bars),
            Tree::Select(comparison, all) => {
                let [a, b, c, d] = all.as_ref();
                of(a).compare(Comparison::ALL[*comparison], of(b)).select(of(c), of(d))
            }
            Tree::Crossed(above, all) => {
                let [a, b, c, d] = all.as_ref();
                let crossed = if *above { of(a).crosses_above(of(b)) } else { of(a).crosses_below(of(b)) };
                (crossed.shift(1) | !crossed).select(of(c), of(d))
            }
            // An indicator reads no constant: a constant is turned into a series that is one.
            Tree::OfSeries(name, length, a) => {
                let input = of(a) + Read::Day.bars().close() * 0.0;
                registry.series(OF_SERIES[*name], [input.into(), (*length).into()]).unwrap()
            }
            Tree::OfBars(name, read) => registry.series(OF_BARS[*name], [read.bars().into()]).unwrap(),
        }
    }
}

fn entry(name: &str, value: impl Into<Argument>) -> Entry {
    Entry { name: name.into(), given: value.into().into() }
}

/// A strategy that buys where the first of two series is above the second, and sells short where not.
fn strategy(registry: &Registry, a: Series, b: Series) -> Strategy {
    let day = BarsRef::new(Timeframe::DAY);
    let stop = registry.call("stop_loss", [Argument::Percent(0.03).into()], None).unwrap();
    let target = registry.call("take_profit", [registry.series("atr", [day.into()]).unwrap().into()], None).unwrap();
    let rules = |enter: Condition, exit: Condition| Argument::Record(vec![entry("enter", enter), entry("exit", exit)]);
    let above = a.gt(b.clone());
    let record = vec![
        entry("universe", "made/UP"),
        entry("long", rules(above.clone(), a.lt(b.clone()))),
        entry("short", rules(a.crosses_below(b.clone()), above)),
        entry("exits", vec![Given::from(stop), Given::from(target)]),
        entry("plot", vec![entry("a", a), entry("b", b)]),
    ];
    Strategy::declare(registry, "random", record, None).unwrap()
}

fn evaluation(plan: &Plan, bars: InstrumentBars) -> Evaluation {
    evaluate(plan, vec![bars], Keep::Every, |_, _| unreachable!("there is no model")).unwrap()
}

/// The first values of a step, as bits, so that NaN equals itself.
fn bits(value: &Value, bars: usize) -> Vec<u64> {
    let of = |column: &Column| column[..bars].iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    match value {
        Value::Outputs(columns) => {
            let columns: Vec<Vec<u64>> = columns.iter().map(of).collect();
            (0..bars).flat_map(|bar| columns.iter().map(move |column| column[bar]).collect::<Vec<_>>()).collect()
        }
        value => of(&value.numbers(bars)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every step of a plan over two timeframes, computed on bars 0..k, gives the first k values of
    /// computing it on all.
    #[test]
    fn random_expressions_do_not_look_ahead(tree in trees(), other in trees(), seed in any::<u64>(), cut in 1..260_usize) {
        let registry = standard_registry().unwrap();
        let day = BarsRef::new(Timeframe::DAY);
        let strategy = strategy(&registry, tree.series(&registry), other.series(&registry) + day.close() * 0.0);
        let plan = Plan::new(&strategy, &registry).unwrap();
        prop_assert_eq!(plan.base, Timeframe::DAY);
        let all = daily(seed, 260);
        let (some, all) = (with_weeks(first(&all, cut)), with_weeks(all));
        let known = |bars: &BarsRef| {
            let bars = &some.bars[bars];
            bars.len() - usize::from(!bars.last_complete())
        };
        let lengths: BTreeMap<BarsRef, usize> = some.bars.keys().map(|bars| (bars.clone(), known(bars))).collect();
        prop_assert_eq!(lengths[&day], cut);
        let (some, all) = (evaluation(&plan, some), evaluation(&plan, all));
        for (id, step) in plan.numbered() {
            let length = lengths[&step.bars.clone().unwrap_or(plan.base.into())];
            let [some, all] = [&some, &all].map(|evaluation| bits(evaluation.instruments[0].value(id), length));
            prop_assert_eq!(&some[..], &all[..some.len()], "step {} differs:\n{}", id, plan.explain());
        }
    }

    /// What was traded before the data are cut off is what is traded without the cut.
    #[test]
    fn whole_strategies_do_not_look_ahead(tree in trees(), other in trees(), seed in any::<u64>(), cut in 2..260_usize) {
        let registry = standard_registry().unwrap();
        let day = BarsRef::new(Timeframe::DAY);
        let strategy = strategy(&registry, tree.series(&registry), other.series(&registry) + day.close() * 0.0);
        let all = daily(seed, 260);
        let [some, all] = [first(&all, cut), all].map(|bars| {
            let plan = Plan::new(&strategy, &registry).unwrap();
            let evaluation = evaluation(&plan, with_weeks(bars));
            let evaluated = Evaluated { strategy: strategy.clone(), plan, evaluation, models: vec![], inputs: vec![] };
            evaluated.backtest(&registry).unwrap().backtest
        });
        prop_assert_eq!(&some.equity[..cut - 1], &all.equity[..cut - 1]);
        let ended = some.trades.iter().filter(|trade| trade.reason != ExitReason::EndOfData);
        prop_assert!(ended.zip(&all.trades).all(|(a, b)| a == b));
        some.check_books().unwrap();
    }

    /// A proof finds nothing in what cannot cheat.
    #[test]
    fn proofs_of_random_strategies_hold(tree in trees(), other in trees(), seed in any::<u64>(), same_close in any::<bool>()) {
        let registry = standard_registry().unwrap();
        let day = BarsRef::new(Timeframe::DAY);
        let mut strategy = strategy(&registry, tree.series(&registry), other.series(&registry) + day.close() * 0.0);
        strategy.fill = if same_close { Fill::SameClose } else { Fill::NextOpen };
        let market = MarketData::from_bars(vec![with_weeks(daily(seed, 150))]);
        let full = evaluate_on(strategy, &registry, market, &Options::default(), &mut |_| {}).unwrap();
        let proof = prove(&full, &registry, 6, &mut |_, _| {}).unwrap();
        prop_assert!(proof.holds(), "{}", proof_page(&proof));
    }
}

/// A small model over two timeframes.
fn modelled(registry: &Registry) -> Strategy {
    let text = r#"
        let day = bars("1d");
        let week = bars("1wk");
        let forecast = lstm(#{
            inputs: #{
                day: #{ change: returns(day.close), strength: rsi(day.close, 5) },
                week: #{ change: returns(week.close) },
            },
            target: future_return(day.close, 3),
            lookback: #{ day: 6, week: 3 }, hidden: 4, epochs: 2, batch: 32,
        });
        let blend = dynamic_weight(forecast, #{ given: [natr(day, 5), rsi(week.close, 4)], hidden: 4 });
        strategy(#{
            universe: "made/UP",
            long: #{ enter: blend.score > 0, exit: blend.score < 0 },
        })
    "#;
    compile(text, "modelled.rhai", &script::Options { registry, settings: &[] }).unwrap()
}

#[test]
fn a_model_does_not_look_ahead() {
    let registry = standard_registry().unwrap();
    let all = daily(7, 500);
    let run = |bars: Bars| {
        let market = MarketData { instruments: vec![with_weeks(bars)], inputs: vec![] };
        evaluate_on(modelled(&registry), &registry, market, &Options::default(), &mut |_| {}).unwrap()
    };
    let whole = run(all.clone());
    let test = whole.models[0].trained.ranges.test.from;
    let begins = all.close_instants().iter().position(|close| *close == test).unwrap();
    let outputs = |run: &Evaluated| -> Vec<Vec<u64>> {
        let bits = |(_, column): &(String, Column)| column.iter().map(|value| value.to_bits()).collect();
        run.models[0].outputs[0].iter().map(bits).collect()
    };
    for changed_from in [begins, begins + 1, begins + 17, begins + 40] {
        // Everything from here on is another walk, at another price.
        let other = daily(99, 500);
        let fields = Field::ALL.map(|field| {
            let (before, after) = (&all.field(field)[..changed_from], &other.field(field)[changed_from..]);
            [before, after].concat()
        });
        let changed = run(Bars::new(Timeframe::DAY, &Calendar::Weekdays, all.timestamps().to_vec(), fields).unwrap());
        let [was, is] = [&whole, &changed].map(|run| &run.models[0].trained);
        assert_eq!(was.ranges, is.ranges, "changed from bar {changed_from}");
        assert_eq!(was.scaler, is.scaler, "changed from bar {changed_from}");
        assert_eq!(was.history, is.history, "changed from bar {changed_from}");
        for (was, is) in outputs(&whole).iter().zip(outputs(&changed)) {
            assert_eq!(was[..changed_from], is[..changed_from], "changed from bar {changed_from}");
        }
    }
    assert!(outputs(&whole).iter().all(|column| !f64::from_bits(column[begins + 40]).is_nan()));
}

#[test]
fn a_models_labels_are_the_future_and_no_other() {
    let registry = standard_registry().unwrap();
    let all = daily(7, 500);
    let market = MarketData { instruments: vec![with_weeks(all.clone())], inputs: vec![] };
    let run = evaluate_on(modelled(&registry), &registry, market, &Options::default(), &mut |_| {}).unwrap();
    let model = &run.models[0];
    // By hand: what each bar's forecast is measured against, over the test range.
    let close = all.field(Field::Close);
    let (_, forecast) = &model.outputs[0][0];
    let (mut squares, mut samples) = (0.0, 0);
    for bar in 0..all.len() - 3 {
        if !forecast[bar].is_nan() {
            squares += (forecast[bar] - (close[bar + 3] / close[bar] - 1.0)).powi(2);
            samples += 1;
        }
    }
    let measured = &model.quality.forecasts[0];
    assert_eq!(measured.samples, samples);
    let error = measured.mean_squared_error.unwrap() / (squares / f64::from(samples as u32)) - 1.0;
    assert!(error.abs() < 1e-12, "{error}");
}

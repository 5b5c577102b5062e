//! No value is seen before its time: what is computed on the first bars alone is what is computed
//! on all of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use timeweave::backtest::ExitReason;
use timeweave::data::{Bars, Column, Field};
use timeweave::expr::{Argument, BarsRef, Condition, Entry, Given, Series};
use timeweave::node::Registry;
use timeweave::pipeline::{Evaluated, MarketData, Options, evaluate_on};
use timeweave::plan::Plan;
use timeweave::proof::prove;
use timeweave::report::proof_page;
use timeweave::run::{Evaluation, InstrumentBars, Keep, Value, evaluate};
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Fill, Strategy};
use timeweave::time::{Calendar, Timeframe};

use super::random::{daily, trees, universe, with_weeks};

fn entry(name: &str, value: impl Into<Argument>) -> Entry {
    Entry { name: name.into(), given: value.into().into() }
}

/// A strategy that buys where the first of two series is above the second, and sells short where not.
fn strategy(registry: &Registry, universe: &[InstrumentBars], a: Series, b: Series) -> Strategy {
    let day = BarsRef::new(Timeframe::DAY);
    let stop = registry.call("stop_loss", [Argument::Percent(0.03).into()], None).unwrap();
    let target = registry.call("take_profit", [registry.series("atr", [day.into()]).unwrap().into()], None).unwrap();
    let rules = |enter: Condition, exit: Condition| Argument::Record(vec![entry("enter", enter), entry("exit", exit)]);
    let above = a.gt(b.clone());
    let record = vec![
        entry("universe", universe.iter().map(|bars| bars.instrument.to_string().into()).collect::<Vec<Given>>()),
        entry("long", rules(above.clone(), a.lt(b.clone()))),
        entry("short", rules(a.crosses_below(b.clone()), above)),
        entry("exits", vec![Given::from(stop), Given::from(target)]),
        entry("plot", vec![entry("a", a), entry("b", b)]),
    ];
    Strategy::declare(registry, "random", record, None).unwrap()
}

fn evaluation(plan: &Plan, universe: Vec<InstrumentBars>) -> Evaluation {
    evaluate(plan, universe, Keep::Every, |_, _| unreachable!("there is no model")).unwrap()
}

/// What of a universe has closed by an instant; weeks that have begun are there, unfinished.
fn until(universe: &[InstrumentBars], instant: i64) -> Vec<InstrumentBars> {
    let cut = |bars: &InstrumentBars| {
        let days = bars.at(Timeframe::DAY).unwrap();
        let closed = days.close_instants().partition_point(|close| *close <= instant);
        InstrumentBars { instrument: bars.instrument.clone(), ..with_weeks(days.slice(0..closed)) }
    };
    universe.iter().map(cut).collect()
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

    /// Every step of a plan over two timeframes, computed for up to three instruments on what has closed by an
    /// instant, gives the first values of computing it on all.
    #[test]
    fn random_expressions_do_not_look_ahead(
        tree in trees(),
        other in trees(),
        seed in any::<u64>(),
        cut in 1..260_usize,
        count in 1..4_usize,
    ) {
        let registry = standard_registry().unwrap();
        let day = BarsRef::new(Timeframe::DAY);
        let all = universe(seed, 260, count);
        let (tree, other) = (tree.series(&registry, &[]), other.series(&registry, &[]) + day.close() * 0.0);
        let strategy = strategy(&registry, &all, tree, other);
        let plan = Plan::new(&strategy, &registry).unwrap();
        prop_assert_eq!(plan.base, Timeframe::DAY);
        let some = until(&all, all[0].at(Timeframe::DAY).unwrap().close_instants()[cut - 1]);
        let length = |bars: &Bars| bars.len() - usize::from(!bars.last_complete());
        let lengths = |some: &InstrumentBars| -> BTreeMap<BarsRef, usize> {
            some.bars.iter().map(|(key, bars)| (key.clone(), length(bars))).collect()
        };
        let lengths: Vec<_> = some.iter().map(lengths).collect();
        prop_assert_eq!(lengths[0][&day], cut);
        let (some, all) = (evaluation(&plan, some), evaluation(&plan, all));
        for (id, step) in plan.numbered() {
            for (instrument, lengths) in lengths.iter().enumerate() {
                let length = lengths[&plan.bars_of(step)];
                let [some, all] =
                    [&some, &all].map(|evaluation| bits(evaluation.instruments[instrument].value(id), length));
                prop_assert_eq!(&some[..], &all[..some.len()], "step {} differs:\n{}", id, plan.explain());
            }
        }
    }

    /// What was traded before the data are cut off is what is traded without the cut.
    #[test]
    fn whole_strategies_do_not_look_ahead(tree in trees(), other in trees(), seed in any::<u64>(), cut in 2..260_usize) {
        let registry = standard_registry().unwrap();
        let day = BarsRef::new(Timeframe::DAY);
        let all = daily(seed, 260);
        let (tree, other) = (tree.series(&registry, &[]), other.series(&registry, &[]) + day.close() * 0.0);
        let strategy = strategy(&registry, &[with_weeks(all.clone())], tree, other);
        let [some, all] = [all.slice(0..cut), all].map(|bars| {
            let plan = Plan::new(&strategy, &registry).unwrap();
            let evaluation = evaluation(&plan, vec![with_weeks(bars)]);
            let evaluated = Evaluated { strategy: strategy.clone(), plan, evaluation, models: vec![], inputs: vec![].into() };
            evaluated.backtest(&registry).unwrap().backtest
        });
        prop_assert_eq!(&some.equity[..cut - 1], &all.equity[..cut - 1]);
        let ended = some.trades.iter().filter(|trade| trade.reason != ExitReason::EndOfData);
        prop_assert!(ended.zip(&all.trades).all(|(a, b)| a == b));
        some.check_books().unwrap();
    }

    /// A proof finds nothing in what cannot cheat.
    #[test]
    fn proofs_of_random_strategies_hold(
        tree in trees(),
        other in trees(),
        seed in any::<u64>(),
        count in 1..4_usize,
        same_close in any::<bool>(),
    ) {
        let registry = standard_registry().unwrap();
        let day = BarsRef::new(Timeframe::DAY);
        let bars = universe(seed, 150, count);
        let (tree, other) = (tree.series(&registry, &[]), other.series(&registry, &[]) + day.close() * 0.0);
        let mut strategy = strategy(&registry, &bars, tree, other);
        strategy.fill = if same_close { Fill::SameClose } else { Fill::NextOpen };
        let market = MarketData::from_bars(bars);
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
        let market = MarketData { instruments: vec![with_weeks(bars)], inputs: vec![].into() };
        evaluate_on(modelled(&registry), &registry, market, &Options::default(), &mut |_| {}).unwrap()
    };
    let whole = run(all.clone());
    let test = whole.models[0].trained.fits[0].ranges.test.from;
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
        assert_eq!(was.fits[0].ranges, is.fits[0].ranges, "changed from bar {changed_from}");
        assert_eq!(was.fits[0].scalers, is.fits[0].scalers, "changed from bar {changed_from}");
        assert_eq!(was.fits[0].history, is.fits[0].history, "changed from bar {changed_from}");
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
    let market = MarketData { instruments: vec![with_weeks(all.clone())], inputs: vec![].into() };
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

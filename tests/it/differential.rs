//! Four ways to the same values: whole columns in fused pieces, whole columns step by step, bar by bar, and
//! a slow evaluator that is written down here from what the docs say.

mod actions;
mod cases;
mod orders;
mod plan;
mod position;
mod recursion;
mod simulation;
mod slow;

use std::collections::BTreeMap;
use std::slice;

use proptest::prelude::*;
use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::TestRunner;
use timeweave::data::Instrument;
use timeweave::expr::{Argument, BarsRef, Condition, Entry, Series};
use timeweave::node::Registry;
use timeweave::plan::{Plan, StepId};
use timeweave::run::{ClosedBar, Evaluation, InstrumentBars, Keep, Stream, evaluate};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::Timeframe;

use super::random::{daily, trees, truths, universe, with_weeks};
use slow::{Slow, Values};

fn entry(name: &str, value: impl Into<Argument>) -> Entry {
    Entry { name: name.into(), given: value.into().into() }
}

/// A strategy that enters on a condition and plots series.
fn strategy(registry: &Registry, enter: &Condition, plots: &[Series]) -> Strategy {
    let plot = plots.iter().enumerate().map(|(index, series)| entry(&format!("plot{index}"), series));
    let record = vec![
        entry("universe", "made/UP"),
        entry("long", vec![entry("enter", enter.clone())]),
        entry("plot", plot.collect::<Vec<_>>()),
    ];
    Strategy::declare(registry, "random", record, None).unwrap()
}

/// As bits, so that the sign of zero counts; what is not known is one value.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }).collect()
}

fn columns(plan: &Plan, universe: &[InstrumentBars], keep: Keep) -> Evaluation {
    evaluate(plan, universe.to_vec(), keep, |_, _| unreachable!("there is no model")).unwrap()
}

/// For each instrument the values of steps at the base timeframe, from a plan that is given each bar as it
/// closes.
fn streamed(plan: &Plan, universe: &[InstrumentBars], steps: &[StepId]) -> Vec<Vec<Vec<f64>>> {
    let mut instants: BTreeMap<i64, Vec<ClosedBar<'_>>> = BTreeMap::new();
    for (instrument, bars) in universe.iter().enumerate() {
        for (of, bars) in &bars.bars {
            for (index, close) in bars.close_instants().iter().enumerate() {
                instants.entry(*close).or_default().push(ClosedBar { instrument, of, rows: bars.into(), index });
            }
        }
    }
    let base = BarsRef::new(plan.base);
    let names: Vec<Instrument> = universe.iter().map(|bars| bars.instrument.clone()).collect();
    let mut stream = Stream::new(plan, &names).unwrap();
    let mut values = vec![vec![Vec::new(); steps.len()]; universe.len()];
    for closed in instants.values() {
        stream.bars_closed(closed).unwrap();
        for bar in closed.iter().filter(|closed| *closed.of == base) {
            let own = steps.iter().zip(&mut values[bar.instrument]);
            own.for_each(|(id, values)| values.push(stream.number(bar.instrument, *id)));
        }
    }
    values
}

/// Compares the four ways on the bars of one instrument; says where two differ.
fn compare(strategy: &Strategy, registry: &Registry, bars: &InstrumentBars) -> Result<(), String> {
    compare_all(strategy, registry, slice::from_ref(bars))
}

/// Compares the four ways on a universe; says where two differ.
fn compare_all(strategy: &Strategy, registry: &Registry, universe: &[InstrumentBars]) -> Result<(), String> {
    let plan = Plan::new(strategy, registry).unwrap();
    let base = BarsRef::new(plan.base);
    let mut steps = vec![plan.long.unwrap().enter];
    steps.extend(plan.plot.iter().map(|(_, id)| *id));
    let [fused, single] = [Keep::Results, Keep::Every].map(|keep| columns(&plan, universe, keep));
    let stream = streamed(&plan, universe, &steps);
    for instrument in 0..universe.len() {
        let slow = Slow::among(registry, universe, instrument);
        let enter = &strategy.long.as_ref().unwrap().enter;
        let mut expected = vec![slow.seen(&slow.condition(enter), &base, 0.0)];
        expected.extend(strategy.plot.iter().map(|(_, series)| slow.seen(&slow.series(series), &base, f64::NAN)));
        let column = |evaluation: &Evaluation, id| evaluation.instruments[instrument].numbers(id, plan.base).unwrap();
        for (root, id) in steps.iter().enumerate() {
            let expected = bits(&expected[root]);
            let ways = [
                ("fused", bits(&column(&fused, *id))),
                ("step by step", bits(&column(&single, *id))),
                ("bar by bar", bits(&stream[instrument][root])),
            ];
            for (way, values) in ways {
                let longer = expected.len().max(values.len());
                if let Some(bar) = (0..longer).find(|bar| values.get(*bar) != expected.get(*bar)) {
                    let [is, should] = [&values, &expected].map(|v| v.get(bar).copied().map(f64::from_bits));
                    let (name, plan) = (&universe[instrument].instrument, plan.explain());
                    return Err(format!("{name}, root {root}, {way}: {is:?} on bar {bar}, not {should:?}\n{plan}"));
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2_000), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Random expressions over a day, a week and another instrument come to the same four ways, for each of
    /// one to three instruments that are compared with each other.
    #[test]
    fn random_expressions_agree_to_the_last_bit(
        enter in truths(trees(), true),
        a in trees(),
        b in trees(),
        seed in any::<u64>(),
        length in prop_oneof![1 => 0..8_usize, 9 => 8..140_usize],
        count in prop_oneof![2 => Just(1_usize), 1 => 2..4_usize],
    ) {
        let registry = standard_registry().unwrap();
        let universe = universe(seed, length, count);
        let enter = enter.condition(&registry, &[]) | BarsRef::new(Timeframe::DAY).close().lt(0.0);
        let (a, b) = (a.series(&registry, &[]), b.series(&registry, &[]));
        // Plots that share parts: these are computed once, and one is a part of another.
        let plots = [a.clone(), enter.select(&a, &b), a.clone() - &b, a - b];
        let strategy = strategy(&registry, &enter, &plots);
        prop_assert_eq!(compare_all(&strategy, &registry, &universe), Ok(()));
    }
}

/// What is random must not be nothing: most expressions are known somewhere, and all kinds are met.
#[test]
fn random_expressions_are_known_and_of_every_kind() {
    let registry = standard_registry().unwrap();
    let bars = with_weeks(daily(5, 140));
    let mut runner = TestRunner::deterministic();
    let (mut known, mut text) = (0, String::new());
    for _ in 0..500 {
        let tree = trees().new_tree(&mut runner).unwrap().current();
        let values = Slow::new(&registry, &bars).series(&tree.series(&registry, &[]));
        known += usize::from(match values {
            Values::Constant(value) => value.is_finite(),
            Values::Bars(_, values) => values.iter().any(|value| value.is_finite()),
        });
        text += &format!("{tree:?}\n");
    }
    assert!(known > 300, "{known} of 500");
    let kinds = [
        "Column", "Unary", "Binary", "Shift", "Select", "OfSeries", "OfBars", "Scan", "State", "Crossed", "Not",
        "Across", "Picked",
    ];
    for kind in kinds {
        assert!(text.matches(kind).count() > 20, "{kind}: {}", text.matches(kind).count());
    }
}

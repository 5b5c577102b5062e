//! The optimised plan: constants are folded, equal parts are computed once, chains are fused, and what is at
//! the edges of the data comes to the same all four ways.

use std::sync::Arc;

use timeweave::data::{Bars, Column};
use timeweave::error::Result;
use timeweave::expr::{
    Argument, BarsRef, Binary, Comparison, Condition, Entry, Scan, Series, SeriesKind, Symbols, Unary,
};
use timeweave::node::{IndicatorNode, Inputs, Kind, Machine, Parameter, Presence, Spec};
use timeweave::plan::{Operation, Plan, StepId, Task};
use timeweave::run::{Evaluation, InstrumentBars, Keep, evaluate};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::super::random::{daily, other_instrument, with_weeks};
use super::slow::{Slow, Values};
use super::{bits, columns, compare, strategy};

fn day() -> BarsRef {
    BarsRef::new(Timeframe::DAY)
}

fn week() -> BarsRef {
    BarsRef::new(Timeframe::WEEK)
}

fn other() -> BarsRef {
    BarsRef::of(other_instrument(), Timeframe::DAY)
}

fn number(value: f64) -> Series {
    Series::constant(value)
}

fn planned(enter: &Condition, plots: &[Series]) -> Plan {
    let registry = standard_registry().unwrap();
    Plan::new(&strategy(&registry, enter, plots), &registry).unwrap()
}

fn elements(plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| matches!(step.operation, Operation::Element(_))).count()
}

fn fused(plan: &Plan) -> Vec<(StepId, usize, usize)> {
    let sizes = |task: Task| match task {
        Task::Fused(fused) => Some((fused.step, fused.program.operators(), fused.inputs.len())),
        Task::Step(_) => None,
    };
    plan.fused_tasks().into_iter().filter_map(sizes).collect()
}

#[test]
fn no_step_is_left_that_nothing_reads() {
    let never = number(1.0).gt(2.0);
    let dropped = never.select(day().column("volume"), number(3.0)) * number(2.0);
    let enter = (day().close().gt(dropped) & !never.clone()) | never;
    let plan = planned(&enter, &[number(2.0) * number(3.0) + 1.0]);
    // A column, a number, a comparison; the plot's number.
    assert_eq!(plan.steps.len(), 4, "{}", plan.explain());
    assert!(plan.steps.iter().any(|step| matches!(step.operation, Operation::Number(value) if value == 6.0)));
    assert!(plan.steps.iter().any(|step| matches!(step.operation, Operation::Number(value) if value == 7.0)));
    let read: Vec<StepId> = plan.steps.iter().flat_map(|step| step.inputs.clone()).chain(plan.roots()).collect();
    assert!(plan.numbered().all(|(id, _)| read.contains(&id)));
}

#[test]
fn each_law_of_folding_leaves_what_the_operator_gives() {
    let (yes, no) = (Condition::constant(true), Condition::constant(false));
    let rising = day().close().gt(day().close().shift(1));
    let same = |condition: Condition| {
        let plan = planned(&condition, &[]);
        (elements(&plan), plan.step(plan.long.unwrap().enter).operation.is_condition())
    };
    for condition in [
        yes.clone() & rising.clone(),
        rising.clone() & yes.clone(),
        no.clone() | rising.clone(),
        rising.clone() | no.clone(),
    ] {
        assert_eq!(same(condition), (1, true));
    }
    for (condition, value) in [
        (no.clone() & rising.clone(), false),
        (rising.clone() & no.clone(), false),
        (yes.clone() | rising.clone(), true),
        (rising.clone() | yes.clone(), true),
        (!yes.clone(), false),
        (no.shift(3), false),
        (number(1.0).crosses_above(2.0), false),
        (number(2.0).crosses_below(yes.select(1.0, day().close())), false),
        (number(f64::NAN).compare(Comparison::NotEqual, 1.0), false),
    ] {
        let plan = planned(&condition, &[day().close()]);
        let operation = &plan.step(plan.long.unwrap().enter).operation;
        assert!(matches!(operation, Operation::Truth(is) if *is == value), "{}", plan.explain());
    }
}

#[test]
fn a_rule_of_a_dozen_operators_is_one_task() {
    let sma = standard_registry().unwrap().series("sma", [day().close().into(), 20.into()]).unwrap();
    let (close, open) = (day().close(), day().column("open"));
    let middle = (day().column("high") + day().column("low")) / 2.0;
    let above = ((close.clone() - &sma) / &sma).unary(Unary::Absolute).gt(0.01);
    let rule = (above & close.gt(&open)) | !middle.binary(Binary::Maximum, &open).lt(&sma);
    let plan = planned(&rule, &[]);
    assert_eq!(elements(&plan), 12);
    // It reads the close, the open, the high, the low, and the average.
    assert_eq!(fused(&plan), [(plan.long.unwrap().enter, 12, 5)]);
}

#[test]
fn equal_parts_are_one_step_wherever_they_were_written() {
    let middle = || (day().column("high") + day().column("low")) / 2.0;
    let plan = planned(&middle().gt(day().close()), &[middle(), middle() * middle()]);
    // The sum, the half, the comparison, the square.
    assert_eq!(elements(&plan), 4);
    let tasks = fused(&plan);
    // The half is plotted: it is computed for itself, and read by the two others.
    let half = plan.plot[0].1;
    assert_eq!(tasks.iter().map(|(_, operators, _)| *operators).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(tasks[0].0, half);
}

#[test]
fn a_part_of_two_pieces_is_computed_for_itself() {
    let part = day().close() - day().column("open");
    let enter = (part.clone() * 2.0).gt(1.0);
    let plan = planned(&enter, &[part.unary(Unary::Absolute) + 3.0]);
    let operators: Vec<usize> = fused(&plan).into_iter().map(|(_, operators, _)| operators).collect();
    // The difference; the product and its comparison; the magnitude and its sum.
    assert_eq!(operators, [1, 2, 2]);
    let evaluation = columns(&plan, &[with_weeks(daily(3, 20))], Keep::Results);
    // What is computed on the way is let go, the difference as soon as both have read it.
    let kept: Vec<_> = plan.numbered().map(|(id, _)| id).filter(|id| evaluation.instruments[0].has(*id)).collect();
    assert_eq!(kept, [plan.long.as_ref().unwrap().enter, plan.plot[0].1]);
}

#[test]
fn every_root_is_kept_and_the_same_root_twice_is_one_step() {
    let inner = day().close() + 1.0;
    let outer = inner.clone() * 2.0;
    let plan = planned(&outer.gt(5.0), &[inner.clone(), outer.clone(), outer, inner]);
    let evaluation = columns(&plan, &[with_weeks(daily(3, 20))], Keep::Results);
    assert!(plan.roots().iter().all(|id| evaluation.instruments[0].has(*id)));
    assert_eq!((plan.plot[0].1, plan.plot[1].1), (plan.plot[3].1, plan.plot[2].1));
}

#[test]
fn symbols_are_known_of_an_expression_without_a_walk() {
    let scan = Scan::trace(vec![(String::new(), day().close())], None, |last| {
        assert_eq!((&last[0] + 1.0).gt(2.0).symbols(), Symbols { position: false, state: true });
        Ok(last)
    });
    assert_eq!(scan.unwrap().output(0).symbols(), Symbols::default());
}

/// Scans that read states of their own with equal programs, and on other bars.
#[test]
fn equal_scans_are_one_step_and_others_are_not() {
    let counted = |bars: BarsRef, by: f64| {
        let next = |last: Vec<Series>| Ok(vec![&last[0] + by]);
        Scan::trace(vec![(String::new(), bars.close() * 0.0)], None, next).unwrap().output(0)
    };
    let all = [counted(day(), 1.0), counted(day(), 1.0), counted(day(), 2.0), counted(week(), 1.0)];
    let plan = planned(&day().close().gt(0.0), &all);
    let scans = plan.steps.iter().filter(|step| matches!(step.operation, Operation::Scan(_))).count();
    assert_eq!(scans, 3);
    assert_eq!(plan.plot[0].1, plan.plot[1].1);
}

/// Compares the four ways on bars of several lengths.
fn agree(enter: &Condition, plots: &[Series]) {
    let registry = standard_registry().unwrap();
    let strategy = strategy(&registry, enter, plots);
    for length in [0, 1, 2, 3, 6, 40] {
        compare(&strategy, &registry, &with_weeks(daily(9, length))).unwrap();
    }
}

#[test]
fn what_is_not_known_yet_is_the_same_all_four_ways() {
    let weekly = week().close().gt(week().close().shift(1));
    let foreign = other().close().gt(100.0);
    let unknown = day().column("void");
    agree(&!weekly.clone(), &[weekly.select(1.0, unknown.clone())]);
    agree(&!(weekly.clone() & day().close().gt(0.0)), &[weekly.shift(2).select(1.0, 2.0)]);
    agree(
        &(!foreign.clone() | weekly.clone()),
        &[foreign.select(week().close(), 3.0), other().close() / week().close()],
    );
    agree(&!unknown.gt(0.0), &[unknown.clone() + 1.0, unknown.binary(Binary::Minimum, 1.0)]);
    agree(&!unknown.crosses_above(day().close()), &[(!unknown.gt(0.0)).select(other().close(), &unknown)]);
}

/// Where a side comes to a constant, the choice between the others' bars stays the expression's own.
#[test]
fn what_is_always_the_same_is_so_before_the_bars_begin() {
    let always = Condition::constant(true) | week().close().gt(0.0);
    agree(&!always.clone(), &[always.shift(3).select(1.0, 2.0), always.select(week().close(), day().close())]);
    let five = Condition::constant(true).select(5.0, week().close());
    agree(&five.shift(2).gt(4.0), &[five.clone(), five.clone() * other().close(), five.shift(30)]);
    // An indicator of it is not: it is known as its machine says.
    let registry = standard_registry().unwrap();
    agree(&five.gt(0.0), &[registry.series("sma", [five.into(), 3.into()]).unwrap()]);
}

/// Constants that never cross, beside bars that are more than those of the base.
#[test]
fn constants_that_never_cross_do_not_hold_on_bars_of_another_length() {
    let registry = standard_registry().unwrap();
    let never = number(1.0).crosses_above(0.0);
    let foreign = (never.clone() | other().close().lt(0.0)).select(1.0, 2.0) * other().close() / other().close();
    let long = with_weeks(daily(9, 60));
    // The traded instrument has fewer bars than the other.
    let few = long.at(Timeframe::DAY).unwrap().slice(40..60);
    let weeks = few.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    let bars = InstrumentBars::new("made/UP".parse().unwrap(), [few, weeks]);
    let bars = bars.with(other_instrument(), (*long.bars[&other()]).clone());
    let strategy = strategy(&registry, &day().close().gt(0.0), std::slice::from_ref(&foreign));
    compare(&strategy, &registry, &bars).unwrap();
    match Slow::new(&registry, &bars).series(&foreign) {
        Values::Bars(_, values) => assert!(values.iter().all(|value| *value == 2.0)),
        constant => panic!("{constant:?}"),
    }
}

/// Bars of three timeframes of one instrument: what a rule on the coarsest is before it closes first.
#[test]
fn a_condition_seen_through_two_timeframes_does_not_hold_before_it_is_known() {
    let registry = standard_registry().unwrap();
    let hour = BarsRef::new("1h".parse().unwrap());
    let length = 24 * 12;
    let closes: Vec<f64> = (0..length).map(|bar| f64::from(bar % 17)).collect();
    let timestamps = (0..i64::from(length)).map(|bar| bar * Timestamp::DAY / 24).collect();
    let columns = [(); 5].map(|()| closes.clone());
    let hours = Bars::new(hour.timeframe().unwrap(), &Calendar::Continuous, timestamps, columns).unwrap();
    let coarser = |timeframe| hours.resample(timeframe, &Calendar::Continuous).unwrap();
    let (days, weeks) = (coarser(Timeframe::DAY), coarser(Timeframe::WEEK));
    let bars = InstrumentBars::new("made/UP".parse().unwrap(), [hours, days, weeks]);
    // Folding leaves the week's rule on the day's bars, from where the hour sees it.
    let weekly = week().close().gt(0.0) | (day().close().gt(0.0) & Condition::constant(false));
    let enter = weekly.clone() & hour.close().gt(1.0);
    let strategy =
        strategy(&registry, &enter, &[weekly.select(1.0, 0.0) + hour.close() * 0.0, weekly.select(1.0, 0.0)]);
    compare(&strategy, &registry, &bars).unwrap();
}

/// A pair of other instruments, each of which is seen from the other's bars.
#[test]
fn two_other_instruments_may_lead_each_other() {
    let registry = standard_registry().unwrap();
    let second = BarsRef::of("made/SECOND".parse().unwrap(), Timeframe::DAY);
    let bars = with_weeks(daily(9, 60)).with("made/SECOND".parse().unwrap(), daily(77, 60));
    let (a, b) = (other().close(), second.close());
    let plots = [a.clone() / &b, b.clone() / &a, (a.clone() / &b).shift(1) - (b / a).shift(1)];
    let strategy = strategy(&registry, &day().close().gt(0.0), &plots);
    compare(&strategy, &registry, &bars).unwrap();
}

/// An embedder's indicator whose one parameter is a record.
const SCALED: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "scaled",
        family: "test",
        doc: "",
        formula: "",
        inputs: Inputs::Series(&["price"]),
        parameters: &[Parameter {
            name: "by",
            doc: "",
            kind: Kind::Record(&[Parameter::number("factor", 1.0, 0.0, 10.0, "")]),
            presence: Presence::Required,
        }],
        outputs: &["scaled"],
        example: "",
        source: "",
    },
    lookback: |_| Ok(0),
    machine: |arguments| Ok(Box::new(Scaled(arguments.settings("by")?.number("factor")?))),
};

#[derive(Clone)]
struct Scaled(f64);

impl Machine for Scaled {
    type Input = [f64; 1];
    type Output = [f64; 1];

    fn update(&mut self, [price]: [f64; 1]) -> [f64; 1] {
        [price * self.0]
    }
}

#[test]
fn calls_that_differ_inside_a_record_are_two_steps() {
    let mut registry = standard_registry().unwrap();
    registry.add_indicator(SCALED).unwrap();
    let scaled = |factor: f64| {
        let by = Entry { name: "by".into(), given: Argument::record([("factor", factor)]).into() };
        let call = registry.call("scaled", [day().close().into(), Argument::Record(vec![by]).into()], None).unwrap();
        Series::new(SeriesKind::Output(Arc::new(call), 0))
    };
    let strategy = strategy(&registry, &day().close().gt(0.0), &[scaled(2.0), scaled(3.0), scaled(2.0)]);
    let plan = Plan::new(&strategy, &registry).unwrap();
    assert_eq!(plan.plot[0].1, plan.plot[2].1);
    assert_ne!(plan.plot[0].1, plan.plot[1].1);
    compare(&strategy, &registry, &with_weeks(daily(9, 10))).unwrap();
}

/// What a model gives is read by fused pieces as any column is.
#[test]
fn forecasts_are_read_by_fused_pieces_as_by_single_steps() -> Result<()> {
    let registry = standard_registry()?;
    let text = r#"
        let day = bars("1d"); let week = bars("1wk");
        let model = lstm(#{
            inputs: #{ day: #{ a: returns(day.close) / 2 }, week: #{ b: week.close - week.open } },
            target: future_return(day.close, 3), lookback: 4, epochs: 1,
        });
        let score = (model.day + model.week * 2) / 3;
        strategy(#{
            universe: "made/UP",
            long: #{ enter: score > 0.5 and week.close > 0, exit: not(score > 0.5) },
            plot: #{ score: score, doubled: score * 2, raw: model.day },
        })"#;
    let strategy = compile(text, "model.rhai", &Options { registry: &registry, settings: &[] })?;
    let plan = Plan::new(&strategy, &registry)?;
    let bars = with_weeks(daily(9, 40));
    let forecasts = |scale: f64| -> Column {
        (0..40).map(|bar| if bar < 20 { f64::NAN } else { scale * f64::from(bar % 7) }).collect()
    };
    let run = |keep| {
        evaluate(&plan, vec![bars.clone()], keep, |model, values| {
            let features = model.groups.iter().flat_map(|group| &group.features);
            assert!(features.map(|(_, id)| id).chain(&model.target_reads).all(|id| values[0].has(*id)));
            Ok(vec![vec![forecasts(0.1), forecasts(0.3)]])
        })
    };
    let [fused, single] = [run(Keep::Results)?, run(Keep::Every)?].map(|mut run| run.instruments.remove(0));
    for id in plan.roots() {
        let timeframe = plan.step(id).bars.as_ref().map_or(plan.base, |bars| bars.timeframe().unwrap());
        if !matches!(plan.step(id).operation, Operation::Model(_)) {
            assert_eq!(bits(&fused.numbers(id, timeframe)?), bits(&single.numbers(id, timeframe)?));
        }
    }
    let score = fused.numbers(plan.plot.iter().find(|(name, _)| name == "score").unwrap().1, plan.base)?;
    assert!(score[..20].iter().all(|value| value.is_nan()));
    assert_eq!(score[22], (0.1 + 0.3 * 2.0) / 3.0);
    let exit = fused.truths(plan.long.unwrap().exit.unwrap(), plan.base)?;
    assert!(exit[..20].iter().all(|holds| *holds), "`not` of what is not known holds");
    Ok(())
}

/// Long columns are computed in parts, on several threads: they are what one thread computes, and what
/// the formula says.
#[test]
fn a_long_column_is_the_same_on_one_thread_and_on_three() {
    let registry = standard_registry().unwrap();
    let text = "let m = bars(\"1m\"); strategy(#{ universe: \"made/UP\", long: #{ enter: (m.high - m.low) / m.close > 0.5 }, \
                plot: #{ ratio: (m.high - m.low) / (m.close - 2) } })";
    let strategy = compile(text, "long.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let plan = Plan::new(&strategy, &registry).unwrap();
    let length = 200_003;
    let column = |seed: usize| -> Vec<f64> { (0..length).map(|bar| 1.0 + (bar * seed % 97) as f64).collect() };
    let [high, low, close] = [7, 11, 13].map(column);
    let minutes = (0..length as i64).map(|minute| minute * 60 * Timestamp::SECOND).collect();
    let fields = [high.clone(), high.clone(), low.clone(), close.clone(), high.clone()];
    let bars = Bars::new("1m".parse().unwrap(), &Calendar::Continuous, minutes, fields).unwrap();
    let instrument = InstrumentBars::new("made/UP".parse().unwrap(), [bars]);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| evaluate(&plan, vec![instrument.clone()], Keep::Results, |_, _| unreachable!()).unwrap())
    };
    let (one, three) = (on(1), on(3));
    let ratio = |run: &Evaluation| run.instruments[0].numbers(plan.plot[0].1, plan.base).unwrap();
    let bits = |column: &[f64]| column.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&ratio(&one)), bits(&ratio(&three)));
    let truths = |run: &Evaluation| run.instruments[0].truths(plan.long.as_ref().unwrap().enter, plan.base).unwrap();
    assert_eq!(truths(&one), truths(&three));
    for bar in 0..length {
        let expected = (high[bar] - low[bar]) / (close[bar] - 2.0);
        let expected = if expected.is_finite() { expected + 0.0 } else { f64::NAN };
        assert_eq!(ratio(&one)[bar].to_bits(), expected.to_bits(), "bar {bar}");
        assert_eq!(truths(&one)[bar], (high[bar] - low[bar]) / close[bar] > 0.5, "bar {bar}");
    }
}

//! `runner explain`: a script's plan, as a tree or as a graph.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use chrono::DateTime;
use clap::Args;
use timeweave::data::{Bars, Catalog, Column, Instrument};
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::pipeline;
use timeweave::plan::{Beside, Operation, Plan, PlannedInput, PlannedModel, PositionRule, RuleRead, Task};
use timeweave::program::Stepper;
use timeweave::run::{InstrumentValues, Keep, Known, Value, evaluate, evaluate_program, evaluate_step, known};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::Timestamp;

use crate::arguments::ScriptArguments;
use crate::output::{line, note, text};
use crate::script;

/// What is to be explained, and how.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// Print the plan as a graph for Graphviz: `runner explain SCRIPT --dot | dot -Tsvg > plan.svg`
    #[arg(long, conflicts_with_all = ["time", "instrument"])]
    dot: bool,
    /// Measure how long each pass takes on the data, in nanoseconds a bar
    #[arg(long)]
    time: bool,
    /// On whose bars: an instrument of the universe [default: the first]
    #[arg(long, value_name = "DATASET/SYMBOL")]
    instrument: Option<Instrument>,
    /// The folder of the datasets
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    datasets: PathBuf,
}

/// Prints a script's plan. Without data, what only data can tell is left out.
pub fn run(arguments: &ExplainArguments) -> Result<()> {
    let registry = standard_registry()?;
    let strategy = script::read(&arguments.script.path, &arguments.script.settings, &registry)?;
    let plan = Plan::new(&strategy, &registry)?;
    if arguments.dot {
        return text(plan.dot());
    }
    let instrument = chosen(arguments, &strategy)?;
    let values = match computed(arguments, &strategy, &plan, &instrument) {
        Ok(values) => values,
        Err(missing) if arguments.time => return Err(missing),
        Err(missing) => {
            text(plan.tree(&[]))?;
            note(format_args!("without data, when values are known is not: {}", missing.message()));
            return Ok(());
        }
    };
    let mut beside = first_values(&plan, &values)?.to_vec();
    let mut measured = None;
    if arguments.time {
        let (column, total) = durations(&plan, &values)?;
        beside.push(column);
        measured = Some(total);
    }
    text(plan.tree(&beside))?;
    line(format_args!("on {instrument}: {}", extent(&plan, &values)?))?;
    match measured {
        Some(total) => line(format_args!(
            "all of it takes {:.3} ms, {:.1} ns a bar of {}",
            total / 1e6,
            total / values.bars.at(plan.base)?.len().max(1) as f64,
            plan.base
        )),
        None => Ok(()),
    }
}

/// The instrument whose bars are looked at.
fn chosen(arguments: &ExplainArguments, strategy: &Strategy) -> Result<Instrument> {
    match &arguments.instrument {
        Some(instrument) if strategy.universe.contains(instrument) => Ok(instrument.clone()),
        Some(instrument) => {
            let names: Vec<String> = strategy.universe.iter().map(ToString::to_string).collect();
            Err(Diagnostic::new(format!("{instrument} is not in the strategy's universe: {}", names.join(", ")))
                .did_you_mean(&instrument.to_string(), names.iter().map(String::as_str))
                .at(Origin::file(arguments.script.path.display().to_string())))
        }
        None => strategy.universe.first().cloned().ok_or_else(|| Diagnostic::new("the strategy's universe is empty")),
    }
}

/// The values of every step for one instrument; those of models are not known.
fn computed(
    arguments: &ExplainArguments,
    strategy: &Strategy,
    plan: &Plan,
    instrument: &Instrument,
) -> Result<InstrumentValues> {
    let catalog = Catalog::open(&arguments.datasets)?;
    let alone = Strategy { universe: vec![instrument.clone()], universe_origins: Vec::new(), ..strategy.clone() };
    let market = pipeline::load(plan, &alone, &catalog)?;
    let untrained = |model: &PlannedModel, values: &[InstrumentValues]| -> Result<Vec<Vec<Column>>> {
        let unknown = |values: &InstrumentValues| -> Result<Vec<Column>> {
            let column: Column = vec![f64::NAN; values.bars.at(model.timeframe)?.len()].into();
            // A forecast a group, the score, a weight a group.
            Ok(vec![column; 2 * model.groups.len() + 1])
        };
        values.iter().map(unknown).collect()
    };
    let evaluation = evaluate(plan, market.instruments, Keep::Every, untrained)?;
    let missing = || Diagnostic::new(format!("{instrument} has no bars"));
    evaluation.instruments.into_iter().next().ok_or_else(missing)
}

/// From which of its own bars on each step has a value, and when that bar is closed.
fn first_values(plan: &Plan, values: &InstrumentValues) -> Result<[Beside; 2]> {
    let (mut bars, mut instants) = (Vec::new(), Vec::new());
    for (known, step) in known(plan, values)?.into_iter().zip(&plan.steps) {
        let (bar, instant) = match (known, &step.bars) {
            (Known::From(bar), Some(key)) => {
                let bars = values.bars.of(key)?;
                ((bar + 1).to_string(), closed(bars, bar))
            }
            (Known::Never, _) => ("-".into(), "never".into()),
            (Known::Trained, _) => ("-".into(), "after training".into()),
            (Known::Always | Known::From(_), _) => (String::new(), String::new()),
        };
        bars.push(bar);
        instants.push(instant);
    }
    let beside = |title: &str, cells, numbers| Beside { title: title.into(), cells, calls: Vec::new(), numbers };
    Ok([beside("first bar", bars, true), beside("known at close of", instants, false)])
}

/// When a bar closes, as its calendar says it: of a bar of a day or more its last date, of others the instant.
fn closed(bars: &Bars, bar: usize) -> String {
    let Some(instant) = bars.close_instants().get(bar) else { return String::new() };
    match bars.timeframe().is_intraday() {
        true => local(bars, *instant).to_string(),
        // The last instant of a day is the midnight after it.
        false => local(bars, instant - 1).date().to_string(),
    }
}

/// What the clock shows where the bars are traded.
fn local(bars: &Bars, instant: i64) -> Timestamp {
    let time = DateTime::from_timestamp_micros(instant).map(|utc| utc.with_timezone(&bars.calendar().timezone()));
    Timestamp(time.map_or(instant, |time| time.naive_local().and_utc().timestamp_micros()))
}

/// How many bars there are, and from when to when.
fn extent(plan: &Plan, values: &InstrumentValues) -> Result<String> {
    let bars = values.bars.at(plan.base)?;
    let Some(last) = bars.len().checked_sub(1) else { return Ok("there are no bars".into()) };
    let zone =
        if bars.timeframe().is_intraday() { format!(", {} time", bars.calendar().timezone()) } else { String::new() };
    Ok(format!("{} bars of {}, {} to {}{zone}", bars.len(), plan.base, closed(bars, 0), closed(bars, last)))
}

/// How often a pass is timed; the median counts.
const RUNS: usize = 7;

/// How long each pass and each stepped rule takes, in nanoseconds a bar of its own; and all of them, in
/// nanoseconds.
fn durations(plan: &Plan, values: &InstrumentValues) -> Result<(Beside, f64)> {
    let mut cells = vec![String::new(); plan.steps.len()];
    let mut total = 0.0;
    let mut cell = |nanoseconds: f64, bars: usize| {
        total += nanoseconds;
        format!("{:.1}", nanoseconds / bars.max(1) as f64)
    };
    for task in plan.fused_tasks() {
        let step = plan.step(task.step());
        let Some(key) = step.bars.as_ref().filter(|_| is_pass(&step.operation)) else { continue };
        let bars = values.bars.of(key)?;
        let took = median(|| once(plan, values, &task, bars).map(drop))?;
        cells[task.step().index()] = cell(took, bars.len());
    }
    let mut calls = Vec::new();
    let base = values.bars.at(plan.base)?.len();
    for call in plan.exits.iter().chain([&plan.size]) {
        let rules = call.inputs.iter().filter_map(|input| match input {
            PlannedInput::Rule(rule) => Some(rule),
            PlannedInput::Step(_) => None,
        });
        let steppers: Vec<_> =
            rules.map(|rule| (Stepper::new(rule.program.clone()), columns(rule, values, base))).collect();
        calls.push(match steppers.is_empty() {
            true => String::new(),
            false => cell(
                median(|| Ok(steppers.iter().for_each(|(stepper, columns)| step(stepper.clone(), columns))))?,
                base,
            ),
        });
    }
    Ok((Beside { title: "ns a bar".into(), cells, calls, numbers: true }, total))
}

/// How long something takes, in nanoseconds.
fn median(mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut took = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = Instant::now();
        run()?;
        took.push(started.elapsed().as_nanos() as f64);
    }
    took.sort_by(f64::total_cmp);
    Ok(took[RUNS / 2])
}

/// What a rule reads on each bar. Nothing is traded here: figures of the position are not known, which costs
/// a rule nothing, as it has no branches.
fn columns(rule: &PositionRule, values: &InstrumentValues, bars: usize) -> Vec<Column> {
    let column = |read: &RuleRead| match read {
        RuleRead::Step(id) => values.value(*id).numbers(bars),
        RuleRead::Position(_) => vec![f64::NAN; bars].into(),
    };
    rule.reads.iter().map(column).collect()
}

fn step(mut stepper: Stepper, columns: &[Column]) {
    let bars = columns.first().map_or(0, |column| column.len());
    for bar in 0..bars {
        stepper.inputs().iter_mut().zip(columns).for_each(|(value, column)| *value = column[bar]);
        stepper.run();
        black_box(stepper.result(0));
    }
}

/// Whether something is computed: columns, constants and outputs are only handed on.
fn is_pass(operation: &Operation) -> bool {
    !matches!(
        operation,
        Operation::Column(_) | Operation::Number(_) | Operation::Truth(_) | Operation::Output(..) | Operation::Model(_)
    )
}

fn once(plan: &Plan, values: &InstrumentValues, task: &Task, bars: &Bars) -> Result<Value> {
    match task {
        Task::Fused(fused) => {
            let inputs: Vec<&Value> = fused.inputs.iter().map(|id| values.value(*id)).collect();
            let truth = plan.step(fused.step).operation.is_condition();
            Ok(evaluate_program(&fused.program, &inputs, truth, bars.len()))
        }
        Task::Step(id) => {
            let step = plan.step(*id);
            let source = step.inputs.first().and_then(|id| plan.step(*id).bars.as_ref());
            let visible = match (&step.operation, source, &step.bars) {
                (Operation::Align, Some(of), Some(at)) => Some(values.visible(of, at)?),
                _ => None,
            };
            let inputs: Vec<&Value> = step.inputs.iter().map(|id| values.value(*id)).collect();
            evaluate_step(step, &inputs, bars, visible.as_deref())
        }
    }
}

//! `runner explain`: a script's plan, as a tree or as a graph.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use chrono::DateTime;
use clap::Args;
use timeweave::data::{Bars, Catalog, Column, Instrument};
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::pipeline::{self, Traded};
use timeweave::plan::{Beside, Operation, Plan, PlannedInput, PlannedModel, PositionRule, RuleRead, Task};
use timeweave::program::Stepper;
use timeweave::run::{
    InstrumentBars, InstrumentValues, Keep, Known, Rows, Value, evaluate, evaluate_across, evaluate_program,
    evaluate_step, known,
};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::Timestamp;

use crate::arguments::ScriptArguments;
use crate::output::{line, note, text};

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
    let strategy = arguments.script.read(&registry)?;
    let plan = Plan::new(&strategy, &registry)?;
    if arguments.dot {
        return text(plan.dot());
    }
    let catalog = Catalog::open(&arguments.datasets);
    let found = catalog.and_then(|catalog| Ok((pipeline::universe(&strategy, &catalog)?, catalog)));
    let data = match found {
        Ok((universe, catalog)) => on_data(&strategy, &plan, &catalog, &chosen(arguments, &universe)?),
        Err(missing) => Err(missing),
    };
    let (data, first) = match data {
        Ok(found) => found,
        Err(missing) if arguments.time => return Err(missing),
        Err(missing) => {
            text(plan.tree(&[]))?;
            note(format_args!("no data, so not from when on values are known: {}", missing.message()));
            return Ok(());
        }
    };
    let mut beside = first.to_vec();
    let mut measured = None;
    if arguments.time {
        let (column, total) = durations(&plan, &data)?;
        beside.push(column);
        measured = Some(total);
    }
    text(plan.tree(&beside))?;
    let others = match data.universe.len() {
        1 => String::new(),
        count => format!(", compared with {} more", count - 1),
    };
    let bars = data.bars();
    line(format_args!("on {}{others}: {}", bars.instrument, extent(&plan, bars)?))?;
    match measured {
        Some(total) => line(format_args!(
            "all of it takes {:.3} ms, {:.1} ns a bar of {}",
            total / 1e6,
            total / bars.at(plan.base)?.len().max(1) as f64,
            plan.base
        )),
        None => Ok(()),
    }
}

/// The bars that are looked at.
struct Data {
    /// One instrument's; those of the whole universe where instruments are compared with each other.
    universe: Vec<InstrumentBars>,
    /// Which of them the explanation is on.
    chosen: usize,
}

impl Data {
    fn bars(&self) -> &InstrumentBars {
        &self.universe[self.chosen]
    }
}

/// The instrument whose bars are looked at.
fn chosen(arguments: &ExplainArguments, universe: &[Traded]) -> Result<Instrument> {
    let mut traded = universe.iter().map(|traded| &traded.instrument);
    match &arguments.instrument {
        Some(instrument) if traded.any(|one| one == instrument) => Ok(instrument.clone()),
        Some(instrument) => {
            let names: Vec<String> = universe.iter().map(|traded| traded.instrument.to_string()).collect();
            Err(Diagnostic::new(format!("{instrument} is not in the strategy's universe: {}", names.join(", ")))
                .did_you_mean(&instrument.to_string(), names.iter().map(String::as_str))
                .at(Origin::file(arguments.script.path.display().to_string())))
        }
        None => traded.next().cloned().ok_or_else(|| Diagnostic::new("the strategy's universe is empty")),
    }
}

/// The bars of one instrument, and what they tell of each step.
fn on_data(
    strategy: &Strategy,
    plan: &Plan,
    catalog: &Catalog,
    instrument: &Instrument,
) -> Result<(Data, [Beside; 2])> {
    let universe = match plan.looks_across() {
        true => pipeline::load(plan, strategy, catalog)?.instruments,
        false => {
            let alone = Strategy { universe: vec![instrument.clone().into()], ..strategy.clone() };
            pipeline::load(plan, &alone, catalog)?.instruments
        }
    };
    let missing = || Diagnostic::new(format!("{instrument} has no bars"));
    let chosen = universe.iter().position(|bars| bars.instrument == *instrument).ok_or_else(missing)?;
    let data = Data { universe, chosen };
    let first = first_values(plan, &data)?;
    Ok((data, first))
}

/// From which of its own bars on each step has a value, and when that bar is closed.
fn first_values(plan: &Plan, data: &Data) -> Result<[Beside; 2]> {
    let market = data.bars();
    let known = known(plan, &data.universe)?.into_iter().nth(data.chosen).unwrap_or_default();
    let (mut bars, mut instants) = (Vec::new(), Vec::new());
    for (known, step) in known.into_iter().zip(&plan.steps) {
        let (bar, instant) = match (known, &step.bars) {
            (Known::From(bar), Some(key)) => {
                let rows = market.of(key)?;
                let instant = match rows {
                    Rows::Bars(bars) => closed(bars, bar),
                    Rows::External(external) => external.known_at().get(bar).map(since).unwrap_or_default(),
                };
                ((bar + 1).to_string(), instant)
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

/// From when on a row of an external series is known: at midnight, from the end of the day before.
fn since(instant: &i64) -> String {
    match instant % Timestamp::DAY {
        0 => Timestamp(instant - 1).date().to_string(),
        _ => Timestamp(*instant).to_string(),
    }
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
fn extent(plan: &Plan, market: &InstrumentBars) -> Result<String> {
    let bars = market.at(plan.base)?;
    let Some(last) = bars.len().checked_sub(1) else { return Ok("there are no bars".into()) };
    let zone =
        if bars.timeframe().is_intraday() { format!(", {} time", bars.calendar().timezone()) } else { String::new() };
    Ok(format!("{} bars of {}, {} to {}{zone}", bars.len(), plan.base, closed(bars, 0), closed(bars, last)))
}

/// How often a pass is timed; the median counts.
const RUNS: usize = 7;

/// How long each pass and each stepped rule takes, in nanoseconds a bar of its own; and all of them, in
/// nanoseconds. A comparison of instruments is one pass over the bars of all of them.
fn durations(plan: &Plan, data: &Data) -> Result<(Beside, f64)> {
    let evaluation = evaluate(plan, data.universe.clone(), Keep::Every, untrained)?;
    let all = &evaluation.instruments;
    let Some(values) = all.get(data.chosen) else { return Err(Diagnostic::new("there is nothing to time")) };
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
        let took = median(|| once(plan, all, values, &task).map(drop))?;
        cells[task.step().index()] = cell(took, bars.len());
    }
    let mut calls = Vec::new();
    let base = values.bars.at(plan.base)?.len();
    for call in plan.exits.iter().chain([&plan.size]) {
        let rules = call.inputs.iter().filter_map(|input| match input {
            PlannedInput::Rule(rule) => Some((Stepper::new(rule.program.clone()), columns(rule, values, base))),
            PlannedInput::Step(_) => None,
        });
        let rules: Vec<_> = rules.collect();
        calls.push(match rules.is_empty() {
            true => String::new(),
            false => {
                let took = median(|| {
                    rules.iter().for_each(|(stepper, columns)| step(stepper.clone(), columns));
                    Ok(())
                })?;
                cell(took, base)
            }
        });
    }
    Ok((Beside { title: "ns a bar".into(), cells, calls, numbers: true }, total))
}

/// The outputs of a model that is not trained: not known on any bar.
fn untrained(model: &PlannedModel, instruments: &[InstrumentValues]) -> Result<Vec<Vec<Column>>> {
    let unknown = |values: &InstrumentValues| -> Result<Vec<Column>> {
        let column: Column = vec![f64::NAN; values.bars.at(model.timeframe)?.len()].into();
        // A forecast a group, the score, a weight a group.
        Ok(vec![column; 2 * model.groups.len() + 1])
    };
    instruments.iter().map(unknown).collect()
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

/// What a rule reads on each bar. Nothing is traded here: 1 stands for each figure of the position.
fn columns(rule: &PositionRule, values: &InstrumentValues, bars: usize) -> Vec<Column> {
    let column = |read: &RuleRead| match read {
        RuleRead::Step(id) => values.value(*id).numbers(bars),
        RuleRead::Position(_) => vec![1.0; bars].into(),
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

/// Computes a piece of work for an instrument; a comparison for all.
fn once(plan: &Plan, all: &[InstrumentValues], values: &InstrumentValues, task: &Task) -> Result<Value> {
    let step = plan.step(task.step());
    let bars = values.bars.of(&plan.bars_of(step))?;
    match task {
        Task::Fused(fused) => {
            let inputs: Vec<&Value> = fused.inputs.iter().map(|id| values.value(*id)).collect();
            Ok(evaluate_program(&fused.program, &inputs, step.operation.is_condition(), bars.len()))
        }
        Task::Step(_) if step.operation.is_across() => {
            let inputs: Vec<_> = all.iter().map(|values| (&values.bars, values.input(step))).collect();
            evaluate_across(plan, step, &inputs)?.pop().ok_or_else(|| Diagnostic::new("there is nothing to compare"))
        }
        Task::Step(_) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use timeweave::time::{Calendar, Timeframe};

    #[test]
    fn a_close_is_told_as_the_clock_and_the_calendar_of_the_market_have_it() {
        let bars = |calendar: &str, zone: &str, timeframe: Timeframe, open: &str| {
            let zone = Calendar::timezone_called(zone).unwrap();
            let open = open.parse::<Timestamp>().unwrap().0;
            let one = || vec![1.0];
            let columns = [one(), one(), one(), one(), one()];
            Bars::new(timeframe, &Calendar::new(calendar, zone).unwrap(), vec![open], columns).unwrap()
        };
        let closes =
            |calendar, zone, timeframe: &str, open| closed(&bars(calendar, zone, timeframe.parse().unwrap(), open), 0);
        assert_eq!(closes("weekdays", "UTC", "1d", "2013-02-25"), "2013-02-25");
        // Monday's week is complete with its Friday, February with its last weekday.
        assert_eq!(closes("weekdays", "UTC", "1wk", "2013-02-25"), "2013-03-01");
        assert_eq!(closes("24x7", "UTC", "1mo", "2013-02-01"), "2013-02-28");
        assert_eq!(closes("24x7", "UTC", "1h", "2013-02-01 23:00"), "2013-02-02");
        // 14:30 UTC is 09:30 in a New York winter.
        assert_eq!(closes("09:30-16:00", "America/New_York", "5m", "2013-02-25 14:30"), "2013-02-25 09:35");
        assert_eq!(closes("09:30-16:00", "America/New_York", "1d", "2013-02-25"), "2013-02-25");
    }
}

//! From which bar on a step's values are known, on given bars.

use crate::data::Column;
use crate::error::Result;
use crate::expr::Across;
use crate::plan::{Operation, Plan, Step, StepId};
use crate::program::Operator;
use crate::run::evaluation::alignment;
use crate::run::{InstrumentBars, Value, evaluate_across, evaluate_step};

/// From when on a step has values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// On every bar of any timeframe: it is a constant.
    Always,
    /// From this bar of its own on, counted from 0.
    From(usize),
    /// On none of the bars.
    Never,
    /// From where a model has been trained, on which it depends.
    Trained,
}

/// From when on each step of a plan has values on the bars of each instrument of the universe, by
/// instrument and by [`crate::plan::StepId::index`]. A condition has a value on every bar, but one that means
/// something only from where all that it compares is known.
///
/// Nothing is trained for it. A column is held for as long as something is still to be computed from it.
///
/// # Errors
/// Where an instrument has no bars that the plan reads, or they have no such column.
pub fn known(plan: &Plan, instruments: &[InstrumentBars]) -> Result<Vec<Vec<Known>>> {
    let mut readers = vec![0_usize; plan.steps.len()];
    plan.steps.iter().flat_map(|step| &step.inputs).for_each(|id| readers[id.index()] += 1);
    let so_far = |bars| SoFar { plan, bars, known: Vec::new(), values: Vec::new() };
    let mut all: Vec<SoFar<'_>> = instruments.iter().map(so_far).collect();
    for step in &plan.steps {
        let across = match step.operation.is_across() && all.iter().all(|one| !one.is_trained(step)) {
            true => {
                let inputs: Vec<_> = all.iter().map(|one| (one.bars, one.input(step))).collect();
                evaluate_across(plan, step, &inputs).map_err(|e| e.at(step.origin.clone()))?
            }
            false => Vec::new(),
        };
        let begins = all.iter().filter_map(|one| one.begins(step)).min();
        let mut across = across.into_iter().map(|value| Compared { value, begins });
        for one in &mut all {
            one.step(step, across.next()).map_err(|e| e.at(step.origin.clone()))?;
        }
        for id in &step.inputs {
            readers[id.index()] -= 1;
            if readers[id.index()] == 0 {
                all.iter_mut().for_each(|one| one.values[id.index()] = Value::Number(f64::NAN));
            }
        }
    }
    Ok(all.into_iter().map(|one| one.known).collect())
}

/// What a comparison of instruments came to for one of them.
struct Compared {
    value: Value,
    /// From which instant on any instrument's value is known.
    begins: Option<i64>,
}

/// What is known of an instrument's steps, up to one of them.
struct SoFar<'a> {
    plan: &'a Plan,
    bars: &'a InstrumentBars,
    known: Vec<Known>,
    values: Vec<Value>,
}

impl SoFar<'_> {
    /// Whether a step is known only once a model has been trained.
    fn is_trained(&self, step: &Step) -> bool {
        let is_model = matches!(step.operation, Operation::Model(_));
        is_model || step.inputs.iter().any(|input| self.known[input.index()] == Known::Trained)
    }

    fn input(&self, step: &Step) -> &Value {
        step.inputs.first().map_or(&Value::Number(f64::NAN), |id| &self.values[id.index()])
    }

    /// From which instant on a step's first input is known.
    fn begins(&self, step: &Step) -> Option<i64> {
        let bars = self.bars.of(step.bars.as_ref()?).ok()?;
        match self.known[step.inputs.first()?.index()] {
            Known::From(bar) => bars.close_instants().get(bar).copied(),
            Known::Always => bars.close_instants().first().copied(),
            Known::Never | Known::Trained => None,
        }
    }

    /// Takes the next step; one that compares instruments comes with its values.
    fn step(&mut self, step: &Step, across: Option<Compared>) -> Result<()> {
        let (known, value) = match self.is_trained(step) {
            true => (Known::Trained, Value::Number(f64::NAN)),
            false => self.of_step(step, across)?,
        };
        self.known.push(known);
        self.values.push(value);
        Ok(())
    }

    fn of_step(&self, step: &Step, across: Option<Compared>) -> Result<(Known, Value)> {
        let Self { plan, bars, known, values } = self;
        let key = plan.bars_of(step);
        let own = bars.of(&key)?;
        let length = own.len();
        let visible = match (&step.operation, step.inputs.first().and_then(|id| plan.step(*id).bars.as_ref())) {
            (Operation::Align, Some(of)) => Some(alignment(bars.of(of)?, own)),
            _ => None,
        };
        let inputs: Vec<&Value> = step.inputs.iter().map(|id| &values[id.index()]).collect();
        let (value, begins) = match across {
            Some(Compared { value, begins }) => (value, begins),
            None => (evaluate_step(step, &inputs, own, visible.as_ref())?, None),
        };
        if matches!(step.operation, Operation::Number(_) | Operation::Truth(_)) {
            return Ok((Known::Always, value));
        }
        let bar = |id: &StepId| match known[id.index()] {
            Known::From(bar) => Some(bar),
            Known::Always | Known::Trained => Some(0),
            Known::Never => None,
        };
        // The first bar on which all are known; none where one never is.
        let latest = |inputs: &[StepId]| inputs.iter().map(bar).try_fold(0, |latest, bar| Some(latest.max(bar?)));
        let all = latest(&step.inputs);
        let after = match (&step.operation, visible) {
            (Operation::Align, Some(visible)) => {
                all.and_then(|first| visible.iter().position(|bar| bar.is_some_and(|bar| bar >= first)))
            }
            (Operation::Shift(count) | Operation::ShiftCondition(count), _) => {
                all.map(|bar| bar.saturating_add(*count))
            }
            (Operation::CrossesAbove | Operation::CrossesBelow, _) => all.map(|bar| bar + 1),
            // What is not chosen need not be known.
            (Operation::Element(Operator::Select), _) => latest(&step.inputs[..1]),
            // How many are known is known even where none is.
            (Operation::Across(Across::Count), _) => Some(0),
            // Another instrument's value is enough.
            (Operation::Across(across), _) if across.is_shared() => {
                begins.and_then(|begins| own.close_instants().iter().position(|close| *close >= begins))
            }
            _ => all,
        };
        let Some(after) = after.filter(|after| *after < length) else { return Ok((Known::Never, value)) };
        let finite =
            |column: &Column| (after..length).find(|bar| column.get(*bar).is_some_and(|value| value.is_finite()));
        let first = match &value {
            Value::Number(value) => value.is_finite().then_some(after),
            Value::Truth(_) | Value::Condition(_) => Some(after),
            Value::Series(column) => finite(column),
            Value::Outputs(columns) => columns.iter().filter_map(finite).min(),
        };
        Ok((first.map_or(Known::Never, Known::From), value))
    }
}

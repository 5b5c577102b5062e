//! From which bar on a step's values are known, on given bars.

use crate::data::Column;
use crate::error::Result;
use crate::plan::{Operation, Plan, Step, StepId};
use crate::program::Operator;
use crate::run::{InstrumentBars, Value, evaluate_step};
use crate::time::Alignment;

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

/// From when on each step of a plan has values on the bars of an instrument, by
/// [`crate::plan::StepId::index`]. A condition has a value on every bar, but one that means something only
/// from where all that it compares is known.
///
/// Nothing is trained for it. A column is held for as long as something is still to be computed from it.
///
/// # Errors
/// Where the instrument has no bars that the plan reads, or they have no such column.
pub fn known(plan: &Plan, bars: &InstrumentBars) -> Result<Vec<Known>> {
    let mut readers = vec![0_usize; plan.steps.len()];
    plan.steps.iter().flat_map(|step| &step.inputs).for_each(|id| readers[id.index()] += 1);
    let mut known: Vec<Known> = Vec::with_capacity(plan.steps.len());
    let mut values: Vec<Value> = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let (first, value) = of_step(plan, step, bars, &known, &values).map_err(|e| e.at(step.origin.clone()))?;
        known.push(first);
        values.push(value);
        for id in &step.inputs {
            readers[id.index()] -= 1;
            if readers[id.index()] == 0 {
                values[id.index()] = Value::Number(f64::NAN);
            }
        }
    }
    Ok(known)
}

fn of_step(
    plan: &Plan,
    step: &Step,
    bars: &InstrumentBars,
    known: &[Known],
    values: &[Value],
) -> Result<(Known, Value)> {
    let is_model = matches!(step.operation, Operation::Model(_));
    if is_model || step.inputs.iter().any(|input| known[input.index()] == Known::Trained) {
        return Ok((Known::Trained, Value::Number(f64::NAN)));
    }
    let key = plan.bars_of(step);
    let own = bars.of(&key)?;
    let length = own.len();
    let visible = match (&step.operation, step.inputs.first().and_then(|id| plan.step(*id).bars.as_ref())) {
        (Operation::Align, Some(of)) => Some(Alignment::new(bars.of(of)?.close_instants(), own.close_instants())),
        _ => None,
    };
    let inputs: Vec<&Value> = step.inputs.iter().map(|id| &values[id.index()]).collect();
    let value = evaluate_step(step, &inputs, own, visible.as_ref())?;
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
        (Operation::Shift(count) | Operation::ShiftCondition(count), _) => all.map(|bar| bar.saturating_add(*count)),
        (Operation::CrossesAbove | Operation::CrossesBelow, _) => all.map(|bar| bar + 1),
        // What is not chosen need not be known.
        (Operation::Element(Operator::Select), _) => latest(&step.inputs[..1]),
        _ => all,
    };
    let Some(after) = after.filter(|after| *after < length) else { return Ok((Known::Never, value)) };
    let finite = |column: &Column| (after..length).find(|bar| column.get(*bar).is_some_and(|value| value.is_finite()));
    let first = match &value {
        Value::Number(value) => value.is_finite().then_some(after),
        Value::Truth(_) | Value::Condition(_) => Some(after),
        Value::Series(column) => finite(column),
        Value::Outputs(columns) => columns.iter().filter_map(finite).min(),
    };
    Ok((first.map_or(Known::Never, Known::From), value))
}

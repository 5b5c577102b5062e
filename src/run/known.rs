//! From which bar on a step's values are known, on given bars.

use crate::error::Result;
use crate::expr::BarsRef;
use crate::plan::{Operation, Plan, Step, StepId};
use crate::program::Operator;
use crate::run::{InstrumentValues, Value};

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

/// From when on each step of a plan has values for an instrument, by [`StepId::index`]. A condition has a
/// value on every bar, but one that means something only from where all that it compares is known.
///
/// Values of every step are needed: [`crate::run::Keep::Every`]. Those of models are not looked at.
///
/// # Errors
/// Where the instrument has no bars that the plan reads.
pub fn known(plan: &Plan, values: &InstrumentValues) -> Result<Vec<Known>> {
    let mut known: Vec<Known> = Vec::with_capacity(plan.steps.len());
    for (id, step) in plan.numbered() {
        let bars = step.bars.clone().unwrap_or_else(|| plan.base.into());
        known.push(of_step(plan, values, &known, id, step, &bars)?);
    }
    Ok(known)
}

fn of_step(
    plan: &Plan,
    values: &InstrumentValues,
    known: &[Known],
    id: StepId,
    step: &Step,
    bars: &BarsRef,
) -> Result<Known> {
    let is_model = matches!(step.operation, Operation::Model(_));
    if is_model || step.inputs.iter().any(|input| known[input.index()] == Known::Trained) {
        return Ok(Known::Trained);
    }
    if matches!(step.operation, Operation::Number(_) | Operation::Truth(_)) {
        return Ok(Known::Always);
    }
    let length = values.bars.of(bars)?.len();
    let bar = |id: &StepId| match known[id.index()] {
        Known::From(bar) => bar,
        Known::Always | Known::Trained => 0,
        Known::Never => length,
    };
    let latest = |inputs: &[StepId]| inputs.iter().map(bar).max().unwrap_or(0);
    let after = match step.operation {
        Operation::Align => {
            let (source, first) = (step.inputs.first(), latest(&step.inputs));
            let of = source.and_then(|source| plan.step(*source).bars.clone()).unwrap_or_else(|| bars.clone());
            let never = matches!(source.map(|source| known[source.index()]), Some(Known::Never) | None);
            let sees = |bar: Option<usize>| !never && bar.is_some_and(|bar| bar >= first);
            values.visible(&of, bars)?.iter().position(sees).unwrap_or(length)
        }
        Operation::Shift(count) | Operation::ShiftCondition(count) => latest(&step.inputs).saturating_add(count),
        Operation::CrossesAbove | Operation::CrossesBelow => latest(&step.inputs).saturating_add(1),
        // What is not chosen need not be known.
        Operation::Element(Operator::Select) => latest(&step.inputs[..1]),
        _ => latest(&step.inputs),
    };
    let finite = |column: &[f64]| (after..length).find(|bar| column.get(*bar).is_some_and(|value| value.is_finite()));
    let first = match values.value(id) {
        Value::Number(value) => (value.is_finite() && after < length).then_some(after),
        Value::Truth(_) | Value::Condition(_) => (after < length).then_some(after),
        Value::Series(column) => finite(column),
        Value::Outputs(columns) => columns.iter().filter_map(|column| finite(column)).min(),
    };
    Ok(first.map_or(Known::Never, Known::From))
}

//! Columns: one step over all bars of its timeframe.

use std::sync::Arc;

use crate::data::{Bars, Column, Field};
use crate::error::{Diagnostic, Result};
use crate::plan::{Operation, Step};
use crate::run::Value;
use crate::time::{Alignment, ClockFigure, Timestamp};

/// Computes a step from the values of its inputs, in their order, over the step's own
/// bars. `visible` says, for an [`Operation::Align`], which of the other bars each bar
/// may see. A model's values come from its training, not from here.
///
/// # Errors
/// Where the bars have no such column, or an indicator's arguments do not fit it.
pub fn evaluate_step(step: &Step, inputs: &[&Value], bars: &Bars, visible: Option<&Alignment>) -> Result<Value> {
    let numbers = |index: usize| operand(inputs, index);
    let length = bars.len();
    let value = match &step.operation {
        Operation::Number(value) => Value::Number(*value),
        Operation::Truth(value) => Value::Truth(*value),
        Operation::Column(name) => Value::Series(column(bars, name)?),
        Operation::Align => align(inputs, visible),
        Operation::Unary(operator) => match numbers(0) {
            Numbers::Constant(a) => Value::Number(operator.apply(a)),
            Numbers::Column(a) => Value::Series(a.iter().map(|a| operator.apply(*a)).collect()),
        },
        Operation::Binary(operator) => match (numbers(0), numbers(1)) {
            (Numbers::Constant(a), Numbers::Constant(b)) => Value::Number(operator.apply(a, b)),
            (a, b) => Value::Series(zip(length, &a, &b, |a, b| operator.apply(a, b)).into()),
        },
        Operation::Select => select(inputs, length),
        Operation::Shift(shift) => match numbers(0) {
            Numbers::Constant(a) => Value::Number(a),
            Numbers::Column(a) => Value::Series(shifted(a, *shift, f64::NAN).into()),
        },
        Operation::Compare(comparison) => match (numbers(0), numbers(1)) {
            (Numbers::Constant(a), Numbers::Constant(b)) => Value::Truth(comparison.apply(a, b)),
            (a, b) => Value::Condition(zip(length, &a, &b, |a, b| comparison.apply(a, b)).into()),
        },
        Operation::CrossesAbove => crosses(length, &numbers(0), &numbers(1), |a, b| a <= b, |a, b| a > b),
        Operation::CrossesBelow => crosses(length, &numbers(0), &numbers(1), |a, b| a >= b, |a, b| a < b),
        Operation::And => logic(inputs, length, |a, b| a && b),
        Operation::Or => logic(inputs, length, |a, b| a || b),
        Operation::Not => match inputs.first() {
            Some(Value::Truth(a)) => Value::Truth(!a),
            _ => Value::Condition(truths(inputs, 0, length).iter().map(|a| !a).collect()),
        },
        Operation::ShiftCondition(shift) => match inputs.first() {
            Some(Value::Truth(a)) => Value::Truth(*a),
            _ => Value::Condition(shifted(&truths(inputs, 0, length), *shift, false).into()),
        },
        Operation::Indicator(node, arguments) => {
            let columns: Vec<Column> = inputs.iter().map(|input| input.numbers(length)).collect();
            Value::Outputs((node.machine)(arguments)?.columns(&columns))
        }
        Operation::Output(index, name) => match inputs.first() {
            Some(Value::Outputs(columns)) if *index < columns.len() => Value::Series(columns[*index].clone()),
            _ => {
                return Err(Diagnostic::new(format!("a node did not give its output `{name}`"))
                    .hint("this is a mistake in the node"));
            }
        },
        Operation::Model(_) => return Err(Diagnostic::new("a model is fitted, not evaluated")),
    };
    Ok(value)
}

/// A column of the file or, where that has none of the name, a figure of the calendar and the clock.
fn column(bars: &Bars, name: &str) -> Result<Column> {
    if let Some(column) = bars.column(name) {
        return Ok(column.clone());
    }
    if let Some(figure) = ClockFigure::called(name) {
        let at = |open: &i64| figure.at(bars.calendar(), bars.timeframe(), Timestamp(*open));
        return Ok(bars.timestamps().iter().map(at).collect());
    }
    let fields = Field::ALL.map(Field::name);
    let extra = bars.extra().iter().map(|(name, _)| name.as_str());
    let clock = ClockFigure::ALL.map(ClockFigure::name);
    Err(Diagnostic::new(format!("the bars at {} have no column `{name}`", bars.timeframe()))
        .did_you_mean(name, fields.into_iter().chain(extra).chain(clock)))
}

/// The numbers of an input.
enum Numbers<'a> {
    Constant(f64),
    Column(&'a [f64]),
}

fn operand<'a>(inputs: &[&'a Value], index: usize) -> Numbers<'a> {
    match inputs.get(index) {
        Some(Value::Number(value)) => Numbers::Constant(*value),
        Some(Value::Truth(value)) => Numbers::Constant(f64::from(*value)),
        Some(Value::Series(column)) => Numbers::Column(column),
        Some(Value::Condition(_) | Value::Outputs(_)) | None => Numbers::Constant(f64::NAN),
    }
}

fn truths(inputs: &[&Value], index: usize, length: usize) -> Arc<[bool]> {
    inputs.get(index).map_or_else(|| Arc::from(vec![false; length]), |value| value.truths(length))
}

fn zip<T>(length: usize, a: &Numbers, b: &Numbers, f: impl Fn(f64, f64) -> T) -> Vec<T> {
    match (a, b) {
        (Numbers::Column(a), Numbers::Column(b)) => a.iter().zip(*b).map(|(a, b)| f(*a, *b)).collect(),
        (Numbers::Column(a), Numbers::Constant(b)) => a.iter().map(|a| f(*a, *b)).collect(),
        (Numbers::Constant(a), Numbers::Column(b)) => b.iter().map(|b| f(*a, *b)).collect(),
        (Numbers::Constant(a), Numbers::Constant(b)) => (0..length).map(|_| f(*a, *b)).collect(),
    }
}

fn logic(inputs: &[&Value], length: usize, f: impl Fn(bool, bool) -> bool) -> Value {
    if let (Some(Value::Truth(a)), Some(Value::Truth(b))) = (inputs.first(), inputs.get(1)) {
        return Value::Truth(f(*a, *b));
    }
    let (a, b) = (truths(inputs, 0, length), truths(inputs, 1, length));
    Value::Condition(a.iter().zip(b.iter()).map(|(a, b)| f(*a, *b)).collect())
}

fn crosses(
    length: usize,
    a: &Numbers,
    b: &Numbers,
    before: impl Fn(f64, f64) -> bool,
    now: impl Fn(f64, f64) -> bool,
) -> Value {
    let sides = zip(length, a, b, |a, b| (before(a, b), now(a, b)));
    let crossed = |pair: &[(bool, bool)]| pair[0].0 && pair[1].1;
    Value::Condition(std::iter::once(false).take(length).chain(sides.windows(2).map(crossed)).collect())
}

fn select(inputs: &[&Value], length: usize) -> Value {
    let condition = truths(inputs, 0, length);
    let (a, b) = (operand(inputs, 1), operand(inputs, 2));
    let pairs = zip(length, &a, &b, |a, b| (a, b));
    Value::Series(condition.iter().zip(pairs).map(|(condition, (a, b))| if *condition { a } else { b }).collect())
}

fn shifted<T: Copy>(values: &[T], shift: usize, missing: T) -> Vec<T> {
    let shift = shift.min(values.len());
    std::iter::repeat_n(missing, shift).chain(values[..values.len() - shift].iter().copied()).collect()
}

fn align(inputs: &[&Value], visible: Option<&Alignment>) -> Value {
    match (inputs.first(), visible) {
        (Some(Value::Condition(truths)), Some(visible)) => Value::Condition(
            visible.iter().map(|bar| bar.and_then(|bar| truths.get(bar)).copied().unwrap_or(false)).collect(),
        ),
        (Some(Value::Series(column)), Some(visible)) => Value::Series(visible.spread(column).into()),
        (Some(constant), _) => (*constant).clone(),
        (None, _) => Value::Number(f64::NAN),
    }
}

//! Columns: one step over all of its bars.

use std::iter;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::{Column, zeros};
use crate::error::{Diagnostic, Result};
use crate::plan::{Operation, Step};
use crate::program::{Builder, Operand, Operator, Program};
use crate::run::{Recursive, Rows, Value};
use crate::time::Alignment;

/// Computes a step from the values of its inputs, in their order, over the step's own rows. `visible` says,
/// for an [`Operation::Align`], which of the other rows each may see. A model's values come from its
/// training, not from here. Where the rows tell their history anew, what remembers rows starts afresh.
///
/// # Errors
/// Where the bars have no such column, or an indicator's arguments do not fit it.
pub fn evaluate_step<'r>(
    step: &Step,
    inputs: &[&Value],
    rows: impl Into<Rows<'r>>,
    visible: Option<&Alignment>,
) -> Result<Value> {
    let rows = rows.into();
    match (&step.operation, rows) {
        (Operation::Column(name), _) => Ok(Value::Series(rows.column(name)?)),
        (operation, Rows::External(external)) if operation.remembers() && !external.restarts().is_empty() => {
            let telling = |telling: Range<usize>| {
                let inputs: Vec<Value> = inputs.iter().map(|value| value.part(telling.clone())).collect();
                compute(step, &inputs.iter().collect::<Vec<_>>(), telling.len(), None)
            };
            Ok(Value::joined(&external.tellings().map(telling).collect::<Result<Vec<_>>>()?))
        }
        _ => compute(step, inputs, rows.len(), visible),
    }
}

/// Computes a step that reads no rows but those of its inputs.
fn compute(step: &Step, inputs: &[&Value], length: usize, visible: Option<&Alignment>) -> Result<Value> {
    let value = match &step.operation {
        Operation::Number(value) => Value::Number(*value),
        Operation::Truth(value) => Value::Truth(*value),
        Operation::Align => align(inputs, visible),
        Operation::Element(operator) => evaluate_program(&single(*operator), inputs, operator.gives_truth(), length),
        Operation::Shift(shift) => Value::Series(shifted(&numbers(inputs, 0, length), *shift, f64::NAN).into()),
        Operation::ShiftCondition(shift) => Value::Condition(shifted(&truths(inputs, 0, length), *shift, false).into()),
        Operation::CrossesAbove => crosses(inputs, length, |a, b| a <= b, |a, b| a > b),
        Operation::CrossesBelow => crosses(inputs, length, |a, b| a >= b, |a, b| a < b),
        Operation::Scan(recursion) => {
            let columns: Vec<Column> = (0..inputs.len()).map(|index| numbers(inputs, index, length)).collect();
            Value::Outputs(Recursive::new(recursion).columns(&columns, length))
        }
        Operation::Indicator(node, arguments) => {
            let columns: Vec<Column> = (0..inputs.len()).map(|index| numbers(inputs, index, length)).collect();
            Value::Outputs((node.machine)(arguments)?.columns(&columns))
        }
        Operation::Output(index, name) => match inputs.first() {
            Some(Value::Outputs(columns)) if *index < columns.len() => Value::Series(columns[*index].clone()),
            _ => {
                return Err(Diagnostic::new(format!("a node did not give its output `{name}`"))
                    .hint("this is a mistake in the node"));
            }
        },
        Operation::Across(_) | Operation::Pick(_) => {
            return Err(Diagnostic::new("instruments are compared with each other, not one by itself"));
        }
        Operation::Column(_) | Operation::Model(_) => {
            return Err(Diagnostic::new("a column is read and a model is fitted: neither is computed"));
        }
    };
    Ok(value)
}

/// Runs an element-wise program over whole columns; `truth` says what its one result is.
pub fn evaluate_program(program: &Program, inputs: &[&Value], truth: bool, length: usize) -> Value {
    let operands: Vec<Operand<'_>> = inputs.iter().map(|value| value.operand()).collect();
    if truth {
        // Made where it stays: a vector would be copied.
        let mut truths: Arc<[bool]> = iter::repeat_n(false, length).collect();
        in_parts(program, &operands, Arc::make_mut(&mut truths), |value| value != 0.0);
        return Value::Condition(truths);
    }
    let mut numbers = zeros(length);
    in_parts(program, &operands, &mut numbers, |value| value);
    Value::Series(numbers.into())
}

/// Runs a program with one result over a column, on as many threads as there are. Each value depends on its
/// own bar alone, so it does not matter who computes it.
fn in_parts<T: Send>(program: &Program, operands: &[Operand<'_>], column: &mut [T], of: impl Fn(f64) -> T + Sync) {
    /// Fewer bars than these are not worth waking another thread for.
    const PART: usize = 1 << 16;
    let fill = |(part, rest): (usize, &mut [T])| {
        let operands: Vec<Operand<'_>> = operands.iter().map(|operand| operand.from_bar(part * PART)).collect();
        let length = rest.len();
        let mut rest = rest;
        program.sweep(&operands, length, |_, values| {
            let block = rest.split_off_mut(..values.len()).unwrap_or_default();
            block.iter_mut().zip(values).for_each(|(to, value)| *to = of(*value));
        });
    };
    match column.len() <= PART {
        true => fill((0, column)),
        false => column.par_chunks_mut(PART).enumerate().for_each(fill),
    }
}

/// A program of one operator.
fn single(operator: Operator) -> Program {
    let mut builder = Builder::new();
    let operands: Vec<_> = (0..operator.arity()).map(|_| builder.input()).collect();
    let result = builder.apply(operator, &operands);
    builder.finish(&[result])
}

fn numbers(inputs: &[&Value], index: usize, length: usize) -> Column {
    inputs.get(index).map_or_else(|| vec![f64::NAN; length].into(), |value| value.numbers(length))
}

fn truths(inputs: &[&Value], index: usize, length: usize) -> Arc<[bool]> {
    inputs.get(index).map_or_else(|| Arc::from(vec![false; length]), |value| value.truths(length))
}

fn crosses(
    inputs: &[&Value],
    length: usize,
    before: impl Fn(f64, f64) -> bool,
    now: impl Fn(f64, f64) -> bool,
) -> Value {
    let (a, b) = (numbers(inputs, 0, length), numbers(inputs, 1, length));
    let mut crossed: Arc<[bool]> = iter::repeat_n(false, length).collect();
    if let [_, rest @ ..] = Arc::make_mut(&mut crossed) {
        let pairs = a.array_windows().zip(b.array_windows());
        rest.iter_mut()
            .zip(pairs)
            .for_each(|(crossed, ([a0, a1], [b0, b1]))| *crossed = before(*a0, *b0) & now(*a1, *b1));
    }
    Value::Condition(crossed)
}

fn shifted<T: Copy>(values: &[T], shift: usize, missing: T) -> Vec<T> {
    let shift = shift.min(values.len());
    iter::repeat_n(missing, shift).chain(values[..values.len() - shift].iter().copied()).collect()
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

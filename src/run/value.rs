//! Values: what a step's computation gives.

use std::ops::Range;
use std::slice;
use std::sync::Arc;

use crate::data::Column;
use crate::program::Operand;

/// The values of a step over all bars of its timeframe.
#[derive(Clone, Debug)]
pub enum Value {
    /// The same number on every bar.
    Number(f64),
    /// The same truth value on every bar.
    Truth(bool),
    /// A number a bar.
    Series(Column),
    /// A truth value a bar.
    Condition(Arc<[bool]>),
    /// A number a bar for each output of an indicator or model.
    Outputs(Vec<Column>),
}

impl Value {
    /// Numbers, a bar each; a constant is repeated, a truth value is 1 or 0.
    pub fn numbers(&self, bars: usize) -> Column {
        match self {
            Value::Number(value) => vec![*value; bars].into(),
            Value::Truth(value) => vec![f64::from(*value); bars].into(),
            Value::Series(column) => column.clone(),
            Value::Condition(truths) => truths.iter().map(|truth| f64::from(*truth)).collect(),
            Value::Outputs(columns) => columns.first().cloned().unwrap_or_else(|| vec![f64::NAN; bars].into()),
        }
    }

    /// The values of some of the bars.
    pub(super) fn part(&self, bars: Range<usize>) -> Self {
        let of = |column: &Column| column.slice(bars.start, bars.len());
        match self {
            Value::Series(column) => Value::Series(of(column)),
            Value::Condition(truths) => Value::Condition(truths[bars].into()),
            Value::Outputs(columns) => Value::Outputs(columns.iter().map(of).collect()),
            constant => constant.clone(),
        }
    }

    /// Values of one kind, one after the other.
    pub(super) fn joined(parts: &[Value]) -> Self {
        let columns: Vec<&[Column]> = parts.iter().map(Value::columns).collect();
        let column =
            |index: usize| columns.iter().filter_map(move |one| one.get(index)).flat_map(|one| one.iter().copied());
        match parts.first() {
            Some(Value::Series(_)) => Value::Series(column(0).collect()),
            Some(Value::Outputs(first)) => {
                Value::Outputs((0..first.len()).map(|index| column(index).collect()).collect())
            }
            Some(Value::Condition(_)) => {
                let truths = parts.iter().flat_map(|part| match part {
                    Value::Condition(truths) => &truths[..],
                    _ => &[],
                });
                Value::Condition(truths.copied().collect())
            }
            constant => constant.cloned().unwrap_or(Value::Number(f64::NAN)),
        }
    }

    /// Its columns of numbers.
    fn columns(&self) -> &[Column] {
        match self {
            Value::Series(column) => slice::from_ref(column),
            Value::Outputs(columns) => columns,
            _ => &[],
        }
    }

    /// What a program reads of it.
    pub(super) fn operand(&self) -> Operand<'_> {
        match self {
            Value::Number(value) => Operand::Constant(*value),
            Value::Truth(value) => Operand::Constant(f64::from(*value)),
            Value::Series(column) => Operand::Numbers(column),
            Value::Condition(truths) => Operand::Truths(truths),
            Value::Outputs(columns) => columns.first().map_or(Operand::Constant(f64::NAN), |c| Operand::Numbers(c)),
        }
    }

    /// Truth values, a bar each; a number is true where it is known and not 0.
    pub fn truths(&self, bars: usize) -> Arc<[bool]> {
        match self {
            Value::Truth(value) => vec![*value; bars].into(),
            Value::Condition(truths) => truths.clone(),
            other => other.numbers(bars).iter().map(|value| !value.is_nan() && *value != 0.0).collect(),
        }
    }
}

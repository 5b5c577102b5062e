//! Values: what a step's computation gives.

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

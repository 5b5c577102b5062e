//! Operators: all that an element-wise expression may do to the values of one bar.

use crate::expr::{Binary, Comparison, Unary};

/// What is done to the values of one bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// A function of one number.
    Unary(Unary),
    /// A function of two numbers.
    Binary(Binary),
    /// A comparison of two numbers.
    Compare(Comparison),
    /// The second value where the first holds, else the third.
    Select,
    /// Both hold.
    And,
    /// Either holds.
    Or,
    /// It does not hold.
    Not,
}

impl Operator {
    /// How many values it takes.
    pub fn arity(self) -> usize {
        match self {
            Operator::Unary(_) | Operator::Not => 1,
            Operator::Binary(_) | Operator::Compare(_) | Operator::And | Operator::Or => 2,
            Operator::Select => 3,
        }
    }

    /// Whether it gives a truth value.
    pub fn gives_truth(self) -> bool {
        matches!(self, Operator::Compare(_) | Operator::And | Operator::Or | Operator::Not)
    }

    /// Its symbol or name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Operator::Unary(operator) => operator.name(),
            Operator::Binary(operator) => operator.name(),
            Operator::Compare(comparison) => comparison.name(),
            Operator::Select => "select",
            Operator::And => "and",
            Operator::Or => "or",
            Operator::Not => "not",
        }
    }

    /// Its value; those of `values` that it has no use for are not read.
    #[inline]
    pub fn apply(self, [a, b, c]: [f64; 3]) -> f64 {
        match self {
            Operator::Unary(operator) => operator.apply(a),
            Operator::Binary(operator) => operator.apply(a, b),
            Operator::Compare(comparison) => f64::from(comparison.apply(a, b)),
            Operator::Select => {
                if holds(a) {
                    b
                } else {
                    c
                }
            }
            Operator::And => f64::from(holds(a) & holds(b)),
            Operator::Or => f64::from(holds(a) | holds(b)),
            Operator::Not => f64::from(!holds(a)),
        }
    }
}

/// Whether a truth value, as a number, is true.
#[inline]
fn holds(value: f64) -> bool {
    value != 0.0
}

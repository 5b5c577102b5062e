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

    /// Its value; those of `values` that it has no use for are not read. What is not known is always the
    /// same NaN, to the bit.
    #[inline]
    pub fn apply(self, values: [f64; 3]) -> f64 {
        one_nan(self.raw(|operand| values[operand]))
    }

    /// Its value, where what is not known may be any NaN. `of` gives the operands, which are read as needed.
    #[inline(always)]
    pub(super) fn raw(self, of: impl Fn(usize) -> f64) -> f64 {
        match self {
            Operator::Unary(operator) => operator.apply(of(0)),
            Operator::Binary(operator) => operator.apply(of(0), of(1)),
            Operator::Compare(comparison) => truth(comparison.apply(of(0), of(1))),
            Operator::Select => {
                let (a, b) = (of(1), of(2));
                if of(0) != 0.0 { a } else { b }
            }
            // Arithmetic on 1 and 0, which machines do for several values at a time.
            Operator::And => of(0) * of(1),
            Operator::Or => of(0) + of(1) - of(0) * of(1),
            Operator::Not => 1.0 - of(0),
        }
    }
}

/// A truth value as a number. Chosen, not converted, for the same reason.
#[inline]
pub(super) fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// Of all NaNs the one that the language names. Others differ in bits that say nothing, and that depend on
/// the order in which a compiler writes down an addition.
#[inline]
pub(super) fn one_nan(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_values_are_joined_as_their_table_says() {
        for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
            let values = [truth(a), truth(b), f64::NAN];
            assert_eq!(Operator::And.apply(values), truth(a && b));
            assert_eq!(Operator::Or.apply(values), truth(a || b));
            assert_eq!(Operator::Not.apply(values), truth(!a));
            assert_eq!(Operator::Select.apply([truth(a), 5.0, 7.0]), if a { 5.0 } else { 7.0 });
        }
    }
}

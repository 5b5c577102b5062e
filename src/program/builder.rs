//! The builder: a program, operator by operator.

use std::collections::HashMap;

use crate::program::{Instruction, Operator, Program};

/// A value in a program that is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    /// An input, by its position.
    Input(u32),
    /// A number, by its position among the constants.
    Constant(u32),
    /// What an operator gives, by its position.
    Computed(u32),
}

/// Builds a program. The same operator on the same values is applied once, and what depends on constants
/// alone is a constant.
#[derive(Debug, Default)]
pub struct Builder {
    inputs: u32,
    constants: Vec<f64>,
    code: Vec<(Operator, [Handle; 3])>,
    known: HashMap<(Operator, [Handle; 3]), Handle>,
}

impl Builder {
    /// A builder of an empty program.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more input.
    pub fn input(&mut self) -> Handle {
        self.inputs += 1;
        Handle::Input(self.inputs - 1)
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> Handle {
        let known = self.constants.iter().position(|known| known.to_bits() == value.to_bits());
        let index = known.unwrap_or_else(|| {
            self.constants.push(value);
            self.constants.len() - 1
        });
        Handle::Constant(narrow(index))
    }

    /// An operator on values, as many as its arity; others are not read.
    pub fn apply(&mut self, operator: Operator, operands: &[Handle]) -> Handle {
        let unused = Handle::Input(0);
        let operands: [Handle; 3] = std::array::from_fn(|i| match operands.get(i) {
            Some(operand) if i < operator.arity() => *operand,
            _ => unused,
        });
        if let Some(handle) = self.known.get(&(operator, operands)) {
            return *handle;
        }
        let constants = operands.map(|operand| self.number(operand));
        let handle = match constants[..operator.arity()].iter().all(Option::is_some) {
            true => {
                let value = operator.apply(constants.map(Option::unwrap_or_default));
                self.constant(value)
            }
            false => {
                self.code.push((operator, operands));
                Handle::Computed(narrow(self.code.len() - 1))
            }
        };
        self.known.insert((operator, operands), handle);
        handle
    }

    fn number(&self, operand: Handle) -> Option<f64> {
        match operand {
            Handle::Constant(index) => self.constants.get(index as usize).copied(),
            _ => None,
        }
    }

    /// The program that gives `results`.
    pub fn finish(self, results: &[Handle]) -> Program {
        let inputs = self.inputs;
        let computed = inputs + narrow(self.constants.len());
        let register = |handle: Handle| match handle {
            Handle::Input(index) => index,
            Handle::Constant(index) => inputs + index,
            Handle::Computed(index) => computed + index,
        };
        let instruction =
            |(operator, operands): (Operator, [Handle; 3])| Instruction { operator, operands: operands.map(register) };
        let results = results.iter().map(|handle| register(*handle) as usize).collect();
        let code = self.code.into_iter().map(instruction).collect();
        Program { inputs: inputs as usize, constants: self.constants, code, results }
    }
}

/// A program never has 4 billion parts: a script is capped long before.
fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Binary;

    #[test]
    fn equal_parts_are_computed_once_and_constant_ones_not_at_all() {
        let mut builder = Builder::new();
        let (a, two, three) = (builder.input(), builder.constant(2.0), builder.constant(3.0));
        let five = builder.apply(Operator::Binary(Binary::Add), &[two, three]);
        let sum = builder.apply(Operator::Binary(Binary::Add), &[a, five]);
        let again = builder.apply(Operator::Binary(Binary::Add), &[a, five]);
        assert_eq!(sum, again);
        let program = builder.finish(&[sum]);
        assert_eq!((program.operators(), program.constants.as_slice()), (1, &[2.0, 3.0, 5.0][..]));
    }
}

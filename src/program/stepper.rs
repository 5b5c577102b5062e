//! A program bar by bar.

use std::sync::Arc;

use crate::program::operator::one_nan;
use crate::program::{Instruction, Program};

/// A program and its registers: values go in, [`Stepper::run`], results come out. A few nanoseconds an
/// operator.
#[derive(Clone, Debug)]
pub struct Stepper {
    program: Arc<Program>,
    registers: Vec<f64>,
}

impl Stepper {
    /// A program that is ready to run.
    pub fn new(program: Arc<Program>) -> Self {
        let mut registers = vec![f64::NAN; program.inputs];
        registers.extend(&program.constants);
        registers.resize(registers.len() + program.code.len(), f64::NAN);
        Self { program, registers }
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Where the values of one bar are to be written.
    #[inline]
    pub fn inputs(&mut self) -> &mut [f64] {
        &mut self.registers[..self.program.inputs]
    }

    /// Computes the results from the inputs.
    #[inline]
    pub fn run(&mut self) {
        let first = self.program.inputs + self.program.constants.len();
        let registers = self.registers.as_mut_slice();
        for (index, Instruction { operator, operands }) in self.program.code.iter().enumerate() {
            registers[first + index] = operator.raw(|operand| registers[operands[operand] as usize]);
        }
    }

    /// A result of the last run; NaN where there is none of that position.
    #[inline]
    pub fn result(&self, index: usize) -> f64 {
        self.program.results.get(index).map_or(f64::NAN, |register| one_nan(self.registers[*register]))
    }
}

//! Programs: element-wise expressions in a small compiled form.
//!
//! A [`Program`] is a list of instructions over registers, without branches: inputs come in, results
//! come out. It runs in two ways that give the same bits: over whole columns, a block of bars at a time
//! ([`Program::sweep`]), so that a chain of operators moves each column once; and for one bar at a time
//! ([`Stepper`]), for what depends on the bar before or on the open position.
//!
//! Truth values are numbers here: 1 and 0.

mod builder;
mod operator;
mod stepper;
mod sweep;
mod write;

pub use builder::{Builder, Handle};
pub use operator::Operator;
pub use stepper::Stepper;
pub use sweep::Operand;
pub use write::{Expression, Written};

/// A compiled expression, or several that share parts.
///
/// ```
/// use timeweave::expr::{Binary, Comparison};
/// use timeweave::program::{Builder, Operator, Stepper};
///
/// // a + 1 > b
/// let mut builder = Builder::new();
/// let (a, b, one) = (builder.input(), builder.input(), builder.constant(1.0));
/// let sum = builder.apply(Operator::Binary(Binary::Add), &[a, one]);
/// let above = builder.apply(Operator::Compare(Comparison::Greater), &[sum, b]);
/// let mut stepper = Stepper::new(builder.finish(&[above]).into());
/// stepper.inputs().copy_from_slice(&[3.0, 3.5]);
/// stepper.run();
/// assert_eq!(stepper.result(0), 1.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// How many values it takes; they are the first registers.
    inputs: usize,
    /// The registers after them.
    constants: Vec<f64>,
    /// Each writes the next register.
    code: Vec<Instruction>,
    /// The registers that it is run for.
    results: Vec<usize>,
}

/// An operator on registers; those that it has no use for are 0.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Instruction {
    operator: Operator,
    operands: [u32; 3],
}

impl Program {
    /// How many values it takes.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many values it gives.
    pub fn results(&self) -> usize {
        self.results.len()
    }

    /// How many operators it applies.
    pub fn operators(&self) -> usize {
        self.code.len()
    }
}

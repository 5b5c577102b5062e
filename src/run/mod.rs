//! Evaluates a plan over market data: every step to a whole column, for each instrument.

mod columns;
mod evaluation;
mod known;
mod recursive;
mod stream;
mod value;

pub use columns::{evaluate_program, evaluate_step};
pub use evaluation::{Evaluation, InstrumentBars, InstrumentValues, Keep, evaluate};
pub use known::{Known, known};
pub use recursive::Recursive;
pub use stream::{ClosedBar, Stream};
pub use value::Value;

//! Evaluates a plan over market data: every step to a whole column, for each instrument.
//!
//! Most steps are computed for each instrument by itself. At a step that compares instruments
//! ([`crate::plan::Operation::is_across`]) the columns of all of them meet.

mod across;
mod columns;
mod evaluation;
mod forecast;
mod known;
mod recursive;
mod rows;
mod stream;
mod value;

pub use across::evaluate_across;
pub use columns::{evaluate_program, evaluate_step};
pub use evaluation::{Evaluation, InstrumentBars, InstrumentValues, Keep, evaluate};
pub use known::{Known, known};
pub use recursive::Recursive;
pub use rows::Rows;
pub use stream::{ClosedBar, Stream};
pub use value::Value;

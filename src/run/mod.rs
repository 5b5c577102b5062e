//! Evaluates a plan over market data: every step to a whole column, for each instrument.

mod columns;
mod evaluation;
mod value;

pub use columns::evaluate_step;
pub use evaluation::{Evaluation, InstrumentBars, InstrumentValues, evaluate};
pub use value::Value;

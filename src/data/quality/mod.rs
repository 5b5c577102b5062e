//! What can be wrong with bars, named by file, row and value.

mod checker;
mod problem;

pub(in crate::data) use checker::{Checker, Pace, Row, SUSPICIOUS_JUMP, TIME, check_pace, surely_right};
pub use problem::Fault;
pub(in crate::data) use problem::{Problem, refusal};

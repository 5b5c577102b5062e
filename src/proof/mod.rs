//! The proof that nothing looks ahead: a strategy is run again on many prefixes of its data.
//!
//! A prefix ends at an instant and holds the bars that were complete by then, at every timeframe.
//! [`prove`] computes the strategy on each and compares every value before that instant with what
//! the full data gave: every step of the plan, what every model reads, the statistics of its
//! scaler, its forecasts, every signal, every trade. A value that changes when its future is cut off
//! has read that future. The first part that differs is the culprit: what reads it differs
//! because of it.
//!
//! What it holds fixed: the models as they were trained. A split by fractions of the data moves when the data
//! are cut, so a model trained on a prefix would be another one. Instead it is checked that all that
//! training read was known before the test range begins: the scaler is fitted again on a prefix
//! that ends when the last label of the training range is known.
//!
//! What it does not show: that the data were known as they stand (a revised figure, a list of
//! survivors), or that the rules were not chosen with the outcome in mind.

mod adjusted;
mod compare;
mod finding;
mod prefix;
mod prove;
mod training;
mod trades;

pub use adjusted::PriceLevel;
pub use finding::{Difference, Figure, Part, Proof};
pub use prefix::Prefix;
pub use prove::{DEFAULT_PREFIXES, prove};

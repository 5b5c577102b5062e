//! A look at a strategy before it is believed: nothing in it is wrong, but some of it is suspicious.
//!
//! [`review`] computes the strategy's columns on its data, without training a model, and gives a
//! [`Diagnostic`](crate::error::Diagnostic) for each thing that its author most likely did not mean: a rule that is
//! never true, a stop wider than the target, a warm-up longer than the data, no costs.
//! [`unused_parameters`] and [`unused_names`] look at what was declared and reaches nothing.
//!
//! What hangs on a model's forecasts is not judged: it is known only once the model is trained.

mod across;
mod bars;
mod conditions;
mod declared;
mod levels;
mod models;
mod money;
mod orders;
mod oscillators;
mod rules;
mod subject;
mod warmup;
mod weights;

pub use declared::{unused_names, unused_parameters};
pub use subject::review;

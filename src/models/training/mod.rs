//! Training: the loop and the optimiser.

mod at_once;
pub(super) mod checkpoint;
pub(super) mod cross_validation;
mod descent;
mod fitting;
pub(super) mod loss;
pub(super) mod train;
mod largest;
mod updates;

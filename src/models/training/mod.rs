//! Training: the loop and the optimiser.

mod at_once;
mod descent;
mod fitting;
pub(super) mod loss;
pub(super) mod train;
mod updates;

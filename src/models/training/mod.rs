//! Training: the loop and the optimiser.

mod descent;
mod fitting;
pub(super) mod loss;
pub(super) mod optimiser;
pub(super) mod train;
mod updates;

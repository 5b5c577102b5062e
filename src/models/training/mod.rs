//! Training: the loop and the optimiser.

pub(super) mod optimiser;
pub(super) mod train;

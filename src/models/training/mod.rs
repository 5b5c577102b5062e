//! Training: the loop, the optimiser, and the random numbers that a seed fixes.

pub(super) mod optimiser;
pub(super) mod random;
pub(super) mod train;

//! Training: a fit for each fold, in phases of descent or at once; kept, stopped, resumed; learning on; cross-validation.

mod at_once;
pub(super) mod checkpoint;
pub(super) mod cross_validation;
mod descent;
mod fitting;
mod largest;
pub(super) mod loss;
pub(super) mod progress;
mod running;
pub(super) mod session;
pub(super) mod train;
mod updates;

//! Training: a fit for each fold, in phases of descent or of boosting, or at once; kept, stopped, resumed; learning on; cross-validation.

mod at_once;
mod boosting;
pub(super) mod checkpoint;
pub(super) mod cross_validation;
mod derivatives;
mod descent;
mod fitting;
mod largest;
pub(super) mod loss;
pub(super) mod progress;
mod running;
pub(super) mod session;
pub(super) mod train;
mod updates;

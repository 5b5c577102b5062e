//! Whether a model forecasts at all: figures on the test range, beside naive forecasts.

pub(super) mod baselines;
pub(super) mod calibration;
pub(super) mod evidence;
pub(super) mod figures;
pub(super) mod importance;
pub(super) mod measure;
pub(super) mod tested;
pub(super) mod verdict;
pub(super) mod weights;

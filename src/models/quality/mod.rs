//! Whether a model forecasts at all: figures on the test range, beside naive forecasts.
//!
//! [`measure::Quality`] puts the parts together: [`tested::Tested`] gathers the samples of each fold as plain
//! columns, and the rest are functions of such columns. `docs/statistics.md` has the formulas.

pub(super) mod baselines;
pub(super) mod calibration;
pub(super) mod evidence;
pub(super) mod figures;
pub(super) mod importance;
pub(super) mod judged;
pub(super) mod measure;
pub(super) mod tested;
pub(super) mod verdict;
pub(super) mod weights;

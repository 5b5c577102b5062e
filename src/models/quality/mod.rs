//! Whether a model forecasts at all: figures on the test range, beside naive forecasts.

pub(super) mod figures;

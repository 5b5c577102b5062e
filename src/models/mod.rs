//! Models: networks that are trained on what was known, and forecast what comes.
//!
//! A script's `lstm` and `dynamic_weight` become a [`ModelPlan`]: the series that the model reads,
//! and a [`Configuration`], which is plain data. Whoever evaluates the plan hands the columns over
//! as [`InstrumentData`]. [`train`] then
//!
//! 1. finds the bars that are fit for use ([`usable`]),
//! 2. splits them in order of time, with gaps that no label crosses ([`Split`]),
//! 3. fits the scaling to the training range alone ([`Scaler`]),
//! 4. trains the networks and keeps the best parameters that validation saw,
//!
//! and gives a [`Trained`] model, which forecasts ([`Trained::predict`]), is measured
//! ([`Quality`]), kept ([`Trained::save`]) and found again ([`Artifact::load`]).

mod artifacts;
mod configuration;
mod dynamic_weight;
mod lstm;
mod networks;
mod quality;
mod recurrent;
mod samples;
mod trained;
mod training;

pub use artifacts::artifact::Artifact;
pub use artifacts::provenance::{Difference, ENGINE, Mismatch, Provenance, key};
pub use artifacts::state_dict::{StateDict, matrix, values};
pub use configuration::{Configuration, Group, Regime, ScalerKind, Schedule, SplitFractions, Weighting};
pub use lstm::{GroupSeries, ModelPlan};
pub use networks::device::DeviceKind;
pub use networks::forecaster::{Forecaster, Objective, trainable_parameters};
pub use networks::layers::{Dropout, Linear, Mixer};
pub use networks::lstm::{Lstm, LstmOutput};
pub use quality::figures::{Figures, Quality};
pub use recurrent::{Level, Memory};
pub use samples::columns::{GroupColumns, InstrumentData, Sample, usable};
pub use samples::inputs::{Batch, ModelInputs};
pub use samples::scaler::{Scale, Scaler};
pub use samples::split::{Range, Ranges, SMALLEST, Smallest, Split};
pub use trained::{Blend, Prediction, Trained};
pub use training::random::{Purpose, Random};
pub use training::train::{Epoch, Progress, train};

use crate::error::Result;
use crate::node::Registry;

/// Adds every model.
///
/// # Errors
/// Where one of their names is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    for node in [lstm::NODE, dynamic_weight::NODE] {
        registry.add_model(node)?;
    }
    Ok(())
}

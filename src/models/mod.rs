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

mod artifact;
mod configuration;
mod device;
mod dynamic_weight;
mod folder;
mod forecaster;
mod inputs;
mod instant;
mod lstm;
mod network;
mod optimiser;
mod provenance;
mod quality;
mod random;
mod samples;
mod scaler;
mod split;
mod state_dict;
mod trained;
mod training;

pub use artifact::Artifact;
pub use configuration::{Configuration, Group, Regime, ScalerKind, Schedule, SplitFractions, Weighting};
pub use device::DeviceKind;
pub use forecaster::{Forecaster, Objective, trainable_parameters};
pub use inputs::{Batch, ModelInputs};
pub use lstm::{GroupSeries, ModelPlan};
pub use network::{Dropout, Linear, Lstm, LstmOutput, Mixer};
pub use provenance::{Difference, ENGINE, Mismatch, Provenance, key};
pub use quality::{Figures, Quality};
pub use random::{Purpose, Random};
pub use samples::{GroupColumns, InstrumentData, Sample, usable};
pub use scaler::{Scale, Scaler};
pub use split::{Range, Ranges, SMALLEST, Smallest, Split};
pub use state_dict::{StateDict, matrix, values};
pub use trained::{Blend, Prediction, Trained};
pub use training::{Epoch, Progress, train};

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

//! Models: networks that are trained on what was known, and forecast what comes.
//!
//! A script's `lstm` and `dynamic_weight` become a [`ModelPlan`]: the series that the model reads,
//! and a [`Configuration`], which is plain data. Whoever evaluates the plan hands the columns over
//! as [`InstrumentData`]. [`train`] then
//!
//! 1. finds the bars that are fit for use ([`usable`]),
//! 2. divides them in order of time, with gaps that no label crosses ([`Fold`]),
//! 3. fits the scaling to the training range alone ([`Scaler`]),
//! 4. trains the networks and keeps the best parameters that validation saw,
//!
//! and gives a [`Trained`] model, which forecasts ([`Trained::predict`]), is measured beside naive
//! forecasts ([`Quality`]), kept ([`Trained::save`]) and found again ([`Artifact::load`]).

mod architectures;
mod artifacts;
mod configuration;
mod declared;
mod declared_loss;
mod forecaster;
mod prediction;
mod quality;
mod samples;
mod shared;
mod trained;
mod training;
mod weighting;

pub use architectures::{BoostedTrees, LstmStack, Pooling, forecaster};
pub use artifacts::artifact::Artifact;
pub use artifacts::provenance::{Difference, ENGINE, Mismatch, Provenance, key};
pub use configuration::{
    Configuration, Design, Division, Group, PastWindow, Pool, Regime, SampleWeight, ScalerKind, Schedule,
    SplitFractions, Training, Update, WalkForward, WeightMethod, Weighting,
};
pub use declared::{GroupSeries, ModelPlan};
pub use forecaster::{Forecaster, Objective, trainable_parameters};
pub use prediction::{Blend, Prediction};
pub use quality::baselines::BASELINES;
pub use quality::calibration::Tenth;
pub use quality::figures::{Figures, Outcomes};
pub use quality::importance::{Importance, InputImportance, Predict};
pub use quality::measure::{FoldQuality, Quality};
pub use quality::verdict::Verdict;
pub use quality::weights::{MeanWeight, YearWeight};
pub use samples::columns::{GroupColumns, InstrumentData, Sample, usable};
pub use samples::fold::{Fold, Range, Ranges, SMALLEST, Smallest};
pub use samples::inputs::{Batch, ModelInputs};
pub use samples::outcomes::{Outcome, outcomes};
pub use samples::ranks::Ranks;
pub use samples::scaler::{FeatureScale, Scale, Scaler};
pub use samples::scalers::Scalers;
pub use samples::uniqueness::uniqueness;
pub use shared::{SHARED, with_shared};
pub use trained::{Fit, Trained, Updated};
pub use training::checkpoint::Checkpoints;
pub use training::cross_validation::{CrossValidation, HeldOut};
pub use training::loss::{Loss, TargetScaling};
pub use training::progress::{Epoch, Progress};
pub use training::session::Session;
pub use training::train::{folds, train, train_in};

use crate::error::Result;
use crate::node::Registry;

/// Adds every model.
///
/// # Errors
/// Where one of their names is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    architectures::register(registry)?;
    registry.add_model(weighting::NODE)
}

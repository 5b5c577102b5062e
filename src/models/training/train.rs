//! Training: Adam on a purged split, stopped when the validation loss no longer falls.

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, Pool};
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::fold::Fold;
use crate::models::trained::Trained;
use crate::models::training::fitting::Fitting;
use crate::networks::DeviceKind;

/// How far training is, after each epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Which fit, from 1, and how many there are: one a fold, for each instrument where each has its own.
    pub fit: (usize, usize),
    /// What is trained: a group's name, `joint` or `weights`.
    pub phase: String,
    /// Which phase, from 1, and how many there are.
    pub phases: (usize, usize),
    /// The epoch, from 1.
    pub epoch: usize,
    /// At most so many.
    pub of: usize,
    /// The mean loss over the epoch's training samples, with dropout, on scaled targets.
    pub train_loss: f64,
    /// The loss over the validation range after the epoch, without dropout.
    pub validation_loss: f64,
    /// The lowest validation loss of the phase so far.
    pub best: f64,
}

/// One epoch, as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// What was trained.
    pub phase: String,
    /// The epoch, from 1.
    pub epoch: usize,
    /// Adam's learning rate in it.
    pub learning_rate: f64,
    /// The mean loss over the training samples, with dropout.
    pub train_loss: f64,
    /// The loss over the validation range after it, without dropout.
    pub validation_loss: f64,
    /// Whether the phase kept the parameters of this epoch.
    pub kept: bool,
}

/// Trains a model: a fit for each fold, and for each instrument where each has its own.
///
/// # Errors
/// Where there is too little to train on, a column has no value or never changes, or the loss
/// stops being a number.
pub fn train(
    configuration: &Configuration,
    data: &[InstrumentData],
    device: DeviceKind,
    progress: &mut dyn FnMut(Progress),
) -> Result<Trained> {
    let folds = folds(configuration, data)?;
    let count = folds.len();
    let mut fits = Vec::with_capacity(count);
    for (index, (instrument, fold)) in folds.into_iter().enumerate() {
        let part = (index + 1, count);
        let fitting = Fitting::new(configuration, data, fold, device.device()?)?;
        let told = &mut |told: Progress| progress(Progress { fit: part, ..told });
        fits.push(fitting.run(instrument, told)?);
    }
    Ok(Trained { configuration: configuration.clone(), device, fits })
}

/// Every fold that is trained, with the instrument that it is for; none where it is for all.
///
/// # Errors
/// Where there is too little to train on.
pub fn folds(configuration: &Configuration, data: &[InstrumentData]) -> Result<Vec<(Option<usize>, Fold)>> {
    let samples = usable(configuration, data)?;
    if configuration.pool != Pool::Separate {
        return Ok(Fold::all(configuration, data, &samples)?.into_iter().map(|fold| (None, fold)).collect());
    }
    let mut all = Vec::new();
    for (instrument, of) in data.iter().enumerate() {
        let own: Vec<Sample> = samples.iter().filter(|sample| sample.instrument == instrument).copied().collect();
        let folds = Fold::all(configuration, data, &own);
        let named = |error: Diagnostic| {
            let diagnostic = Diagnostic::new(format!("{}: {}", of.name, error.message()));
            error.help().into_iter().fold(diagnostic, Diagnostic::hint)
        };
        all.extend(folds.map_err(named)?.into_iter().map(|fold| (Some(instrument), fold)));
    }
    Ok(all)
}

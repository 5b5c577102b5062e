//! Training: Adam on purged folds, stopped when the validation loss no longer falls.

use tracing::debug_span;

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, Pool};
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::fold::Fold;
use crate::models::trained::Trained;
use crate::models::training::fitting::Fitting;
use crate::models::training::progress::Progress;
use crate::models::training::session::Session;
use crate::networks::DeviceKind;

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
    train_in(configuration, data, device, &mut Session { progress, stop: None, checkpoints: None })
}

/// [`train`] in a session, which may have been begun before: it goes on where the last checkpoint is, and comes to
/// the same bytes as if it had never stopped.
///
/// # Errors
/// As [`train`]; where it is stopped; and where a checkpoint cannot be written.
pub fn train_in(
    configuration: &Configuration,
    data: &[InstrumentData],
    device: DeviceKind,
    session: &mut Session<'_>,
) -> Result<Trained> {
    let folds = folds(configuration, data)?;
    let count = folds.len();
    let mut fits = Vec::with_capacity(count);
    for (index, (instrument, fold)) in folds.into_iter().enumerate() {
        let (from, until) = (fold.from, fold.until);
        if let Some(checkpoints) = &session.checkpoints
            && let Some(done) = checkpoints.finished(index, configuration, device, until)?
        {
            fits.push(done);
            continue;
        }
        let part = (index + 1, count);
        let fitting = Fitting::new(configuration, data, fold, device.device()?, part)?;
        let fit = debug_span!("fit", name = index + 1, of = count).in_scope(|| fitting.run(instrument, session))?;
        debug_assert_eq!((fit.from, fit.until), (from, until));
        if let Some(checkpoints) = &session.checkpoints {
            checkpoints.finish(index, &fit)?;
        }
        fits.push(fit);
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
        let named = |error: Diagnostic| error.of(&of.name);
        all.extend(folds.map_err(named)?.into_iter().map(|fold| (Some(instrument), fold)));
    }
    Ok(all)
}

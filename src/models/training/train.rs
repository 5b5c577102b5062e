//! Training: Adam on a purged split, stopped when the validation loss no longer falls.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, Pool};
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::fold::Fold;
use crate::models::trained::{Fit, Trained};
use crate::models::training::checkpoint::{Checkpoints, Place};
use crate::models::training::descent::Running;
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

/// How a training is watched: who is told of it, what stops it, and where it is kept in between.
pub struct Session<'a> {
    /// Told after every epoch.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Set from outside, it stops training after the epoch.
    pub stop: Option<&'a AtomicBool>,
    /// Where unfinished training is kept, to go on from later.
    pub checkpoints: Option<Checkpoints>,
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
        if let Some(done) = session.finished(index, configuration, device, until)? {
            fits.push(done);
            continue;
        }
        let part = (index + 1, count);
        let fitting = Fitting::new(configuration, data, fold, device.device()?, part)?;
        let fit = fitting.run(instrument, session)?;
        debug_assert_eq!((fit.from, fit.until), (from, until));
        session.finish(index, &fit)?;
        fits.push(fit);
    }
    Ok(Trained { configuration: configuration.clone(), device, fits })
}

impl Session<'_> {
    fn finished(
        &self,
        index: usize,
        configuration: &Configuration,
        device: DeviceKind,
        until: i64,
    ) -> Result<Option<Fit>> {
        let Some(checkpoints) = &self.checkpoints else { return Ok(None) };
        checkpoints.finished(index, configuration, device, until)
    }

    fn finish(&mut self, index: usize, fit: &Fit) -> Result<()> {
        self.checkpoints.as_mut().map_or(Ok(()), |checkpoints| checkpoints.finish(index, fit))
    }

    /// Keeps how far a phase is, at times, and stops where that was asked for.
    pub(super) fn after(&mut self, place: Place, running: &Running, history: &[Epoch], told: Progress) -> Result<()> {
        let Progress { epoch, of, fit, .. } = told;
        let stops = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.keep(place, running, history, stops)?;
        }
        (self.progress)(told);
        if !stops {
            return Ok(());
        }
        let of_fit = if fit.1 > 1 { format!(" of fit {} of {}", fit.0, fit.1) } else { String::new() };
        let diagnostic = Diagnostic::new(format!("training was stopped after epoch {epoch} of {of}{of_fit}"));
        Err(match &self.checkpoints {
            Some(_) => diagnostic
                .hint("what it came to is kept, the best parameters so far too: the same command goes on from there"),
            None => diagnostic.hint("nothing is kept of it: it was given no folder"),
        })
    }
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

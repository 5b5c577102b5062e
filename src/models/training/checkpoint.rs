//! Checkpoints: training that was stopped or killed goes on where it was, to the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use burn_core::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Origin, Result};
use crate::models::artifacts::fit_files::{FitFiles, contents};
use crate::models::artifacts::folder;
use crate::models::configuration::Configuration;
use crate::models::trained::Fit;
use crate::models::training::progress::{Epoch, Place};
use crate::models::training::running::Running;
use crate::networks::{DeviceKind, Optimiser, StateDict};

/// So much time lies between two checkpoints at least: writing one takes time too. It decides what is lost by a kill,
/// and nothing else.
const BETWEEN: Duration = Duration::from_millis(500);

const NOW: &str = "now";
const PLACE: &str = "checkpoint.json";
const STATE: &str = "state.safetensors";
const BEST: &str = "best.safetensors";
const MOMENTS: &str = "moments.safetensors";
const KEY: &str = "key";

/// A folder beside a model's that holds what there is of it while it is trained: a folder for each finished fit, and
/// `now` for the one at work. What belongs to another model is not looked at.
#[derive(Debug)]
pub struct Checkpoints {
    directory: PathBuf,
    key: String,
    last: Option<Instant>,
}

/// A phase that goes on.
pub(super) struct Resumed {
    /// Which phase, from 0.
    pub(super) phase: usize,
    /// How far it is.
    pub(super) running: Running,
    /// The epochs of the fit so far.
    pub(super) history: Vec<Epoch>,
}

/// `checkpoint.json`.
#[derive(Serialize, Deserialize)]
struct Record {
    key: String,
    place: Place,
    epoch: usize,
    best: Option<(f64, usize)>,
    history: Vec<Epoch>,
}

impl Checkpoints {
    /// The checkpoints of the model with a key ([`crate::models::key`]), beside the folder that it will be kept in.
    pub fn beside(model: &Path, key: String) -> Self {
        let name = model.file_name().map_or_else(Default::default, |name| name.to_string_lossy().into_owned());
        Self { directory: model.with_file_name(format!("{name}.training")), key, last: None }
    }

    /// Removes what is kept: the model is done.
    ///
    /// # Errors
    /// Where the file system refuses, naming the folder.
    pub fn clear(&self) -> Result<()> {
        if !self.directory.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&self.directory).map_err(|error| {
            Diagnostic::new(format!("the checkpoints of a finished training cannot be removed: {error}"))
                .at(Origin::file(self.directory.display().to_string()))
                .hint("remove the folder by hand: it is not needed any more")
        })
    }

    /// A fit that was finished before.
    pub(super) fn finished(
        &self,
        index: usize,
        configuration: &Configuration,
        device: DeviceKind,
        until: i64,
    ) -> Result<Option<Fit>> {
        let directory = self.fit(index);
        folder::restore(&directory)?;
        if fs::read_to_string(directory.join(KEY)).is_ok_and(|key| key == self.key) {
            // What cannot be read was not finished.
            return Ok(FitFiles { directory: &directory, configuration, device }.read_alone(until).ok());
        }
        Ok(None)
    }

    /// Keeps a finished fit.
    pub(super) fn finish(&self, index: usize, fit: &Fit) -> Result<()> {
        let mut files = contents(fit)?;
        files.push((KEY.into(), self.key.clone().into_bytes()));
        folder::replace(&self.fit(index), &files)
    }

    /// Keeps how far a phase is, if the last time is long enough ago, or `now`.
    pub(super) fn keep(&mut self, place: Place, running: &Running, history: &[Epoch], now: bool) -> Result<()> {
        if !now && self.last.is_some_and(|last| last.elapsed() < BETWEEN) {
            return Ok(());
        }
        let Running { epoch, state, best, optimiser } = running;
        let record = Record {
            key: self.key.clone(),
            place,
            epoch: *epoch,
            best: best.as_ref().map(|(loss, _, epoch)| (*loss, *epoch)),
            history: history.to_vec(),
        };
        let text = serde_json::to_vec(&record);
        let text =
            text.map_err(|error| Diagnostic::new(format!("a checkpoint could not be written as JSON: {error}")))?;
        let mut files = vec![
            (PLACE.to_owned(), text),
            (STATE.to_owned(), state.to_safetensors()?),
            (MOMENTS.to_owned(), optimiser.moments()?.to_safetensors()?),
        ];
        if let Some((_, best, _)) = best {
            files.push((BEST.to_owned(), best.to_safetensors()?));
        }
        folder::replace(&self.directory.join(NOW), &files)?;
        self.last = Some(Instant::now());
        Ok(())
    }

    /// The phase of a fit that was at work, if there is a checkpoint of it.
    pub(super) fn resume(&self, fit: usize, configuration: &Configuration, device: &Device) -> Result<Option<Resumed>> {
        let directory = self.directory.join(NOW);
        folder::restore(&directory)?;
        let Ok(text) = fs::read(directory.join(PLACE)) else { return Ok(None) };
        let Ok(record) = serde_json::from_slice::<Record>(&text) else { return Ok(None) };
        if record.key != self.key || record.place.fit != fit {
            return Ok(None);
        }
        let read = |file: &str| {
            let path = directory.join(file);
            let bytes = fs::read(&path).map_err(|error| Diagnostic::new(error.to_string()));
            bytes.and_then(|bytes| StateDict::from_safetensors(&bytes, device)).map_err(|error| {
                Diagnostic::new(format!("a checkpoint cannot be used: {}", error.message()))
                    .at(Origin::file(path.display().to_string()))
                    .hint("remove the folder: training begins anew")
            })
        };
        let training = &configuration.training;
        let optimiser = Optimiser::restored(training.gradient_clip, training.weight_decay, &read(MOMENTS)?)?;
        let best = match record.best {
            Some((loss, epoch)) => Some((loss, read(BEST)?, epoch)),
            None => None,
        };
        let running = Running { epoch: record.epoch, state: read(STATE)?, best, optimiser };
        Ok(Some(Resumed { phase: record.place.phase, running, history: record.history }))
    }

    fn fit(&self, index: usize) -> PathBuf {
        self.directory.join(format!("fit_{:02}", index + 1))
    }
}

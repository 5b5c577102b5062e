//! The files of one fit: parameters, scaling and history.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Origin, Result};
use crate::models::configuration::Configuration;
use crate::models::forecaster::parameters;
use crate::models::samples::fold::Ranges;
use crate::models::samples::instant;
use crate::models::samples::scaler::Scaler;
use crate::models::samples::scalers::Scalers;
use crate::models::trained::{Fit, Updated};
use crate::models::training::progress::Epoch;
use crate::networks::{DeviceKind, StateDict};

const WEIGHTS: &str = "weights.safetensors";
const SCALER: &str = "scaler.json";
const HISTORY: &str = "history.csv";
const RECORD: &str = "fit.json";

/// What is said of a fit beside its files.
#[derive(Serialize, Deserialize)]
pub(super) struct FitRecord {
    /// Which instrument it is for, in the order of the universe; none where it is for all.
    pub(super) instrument: Option<usize>,
    #[serde(with = "instant")]
    pub(super) from: i64,
    ranges: Ranges,
    updates: Vec<UpdateRecord>,
}

#[derive(Serialize, Deserialize)]
struct UpdateRecord {
    #[serde(with = "instant")]
    from: i64,
}

impl FitRecord {
    pub(super) fn of(fit: &Fit) -> Self {
        let updates = fit.updates.iter().map(|update| UpdateRecord { from: update.from }).collect();
        Self { instrument: fit.instrument, from: fit.from, ranges: fit.ranges, updates }
    }
}

/// The files of a fit by name, each with a prefix.
pub(super) fn files_of(fit: &Fit, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![
        (format!("{prefix}{WEIGHTS}"), fit.state.to_safetensors()?),
        (format!("{prefix}{SCALER}"), json(&fit.scalers)?),
        (format!("{prefix}{HISTORY}"), history(&fit.history)?),
    ];
    for (number, update) in fit.updates.iter().enumerate() {
        files.push((format!("{prefix}{}", update_file(number)), update.state.to_safetensors()?));
    }
    Ok(files)
}

/// The files of a fit that stands by itself.
///
/// # Errors
/// Never in practice.
pub(in crate::models) fn contents(fit: &Fit) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = files_of(fit, "")?;
    files.push((RECORD.to_owned(), json(&FitRecord::of(fit))?));
    Ok(files)
}

fn update_file(number: usize) -> String {
    format!("update_{:02}.{WEIGHTS}", number + 1)
}

/// Where fits are read from, and what they must fit.
pub(in crate::models) struct FitFiles<'a> {
    pub(in crate::models) directory: &'a Path,
    pub(in crate::models) configuration: &'a Configuration,
    pub(in crate::models) device: DeviceKind,
}

impl FitFiles<'_> {
    /// A fit that stands by itself.
    ///
    /// # Errors
    /// Where a file is missing or damaged.
    pub(in crate::models) fn read_alone(&self, until: i64) -> Result<Fit> {
        let record = parse(self.directory, RECORD, &read(self.directory, RECORD)?)?;
        self.read("", record, until)
    }

    /// A fit whose files' names begin with a prefix.
    ///
    /// # Errors
    /// Where a file is missing or damaged.
    pub(super) fn read(&self, prefix: &str, record: FitRecord, until: i64) -> Result<Fit> {
        let FitRecord { instrument, from, ranges, updates } = record;
        let name = |file: &str| format!("{prefix}{file}");
        let update = |(number, record): (usize, &UpdateRecord)| {
            Ok(Updated { from: record.from, state: self.state(&name(&update_file(number)))? })
        };
        Ok(Fit {
            instrument,
            from,
            until,
            ranges,
            scalers: self.scalers(&name(SCALER))?,
            state: self.state(&name(WEIGHTS))?,
            updates: updates.iter().enumerate().map(update).collect::<Result<_>>()?,
            history: self.history(&name(HISTORY))?,
        })
    }

    fn state(&self, file: &str) -> Result<StateDict> {
        let state = StateDict::from_safetensors(&read(self.directory, file)?, &self.device.device()?)
            .map_err(|error| damaged(self.directory, file, error.message()))?;
        let expected = parameters(self.configuration).into_iter();
        let mut expected: Vec<_> = expected.map(|parameter| (parameter.name, parameter.shape)).collect();
        expected.sort();
        if !state.shapes().map(|(name, shape)| (name.to_owned(), shape.to_vec())).eq(expected) {
            return Err(damaged(self.directory, file, "its tensors are not those of the configuration"));
        }
        Ok(state)
    }

    fn scalers(&self, file: &str) -> Result<Scalers> {
        let scalers: Scalers = parse(self.directory, file, &read(self.directory, file)?)?;
        let widths = || self.configuration.groups.iter().map(|group| group.features.len());
        let given = self.configuration.given();
        let fits = |scaler: &Scaler| scaler.groups.iter().map(Vec::len).eq(widths()) && scaler.given.len() == given;
        if !scalers.iter().all(fits) {
            return Err(damaged(self.directory, file, "its columns are not those of the configuration"));
        }
        Ok(scalers)
    }

    fn history(&self, file: &str) -> Result<Vec<Epoch>> {
        let bytes = read(self.directory, file)?;
        let history: Result<Vec<Epoch>, _> = csv::Reader::from_reader(&bytes[..]).deserialize().collect();
        history.map_err(|error| damaged(self.directory, file, error))
    }
}

pub(super) fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Diagnostic::new(format!("the model could not be written as JSON: {error}")))?;
    Ok((text + "\n").into_bytes())
}

fn history(epochs: &[Epoch]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = epochs.iter().try_for_each(|epoch| writer.serialize(epoch));
    let failed = |error: &dyn Display| Diagnostic::new(format!("{HISTORY} could not be written: {error}"));
    written.map_err(|error| failed(&error))?;
    writer.into_inner().map_err(|error| failed(&error))
}

pub(super) fn read(directory: &Path, file: &str) -> Result<Vec<u8>> {
    fs::read(directory.join(file)).map_err(|error| damaged(directory, file, error))
}

pub(super) fn parse<'a, T: Deserialize<'a>>(directory: &Path, file: &str, bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| damaged(directory, file, error))
}

fn damaged(directory: &Path, file: &str, why: impl Display) -> Diagnostic {
    let path = directory.join(file);
    Diagnostic::new(format!("the model's file cannot be used: {why}"))
        .at(Origin::file(path.to_string_lossy()))
        .hint("train the model again with `--retrain`")
}

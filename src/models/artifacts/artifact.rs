//! Artifacts: a trained model as files, found again by what it depends on.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Diagnostic, Origin, Result};
use crate::models::artifacts::folder;
use crate::models::artifacts::provenance::{ENGINE, Mismatch, Provenance, dependencies, described, key};
use crate::models::configuration::Configuration;
use crate::models::forecaster::parameters;
use crate::models::samples::fold::Ranges;
use crate::models::samples::instant;
use crate::models::samples::scaler::Scaler;
use crate::models::samples::scalers::Scalers;
use crate::models::trained::{Fit, Trained, Updated};
use crate::models::training::train::Epoch;
use crate::networks::{DeviceKind, StateDict};

const WEIGHTS: &str = "weights.safetensors";
const SCALER: &str = "scaler.json";
const METADATA: &str = "metadata.json";
const HISTORY: &str = "history.csv";

/// What a folder of artifacts holds for what is wanted of it.
#[derive(Clone, Debug)]
pub enum Artifact {
    /// The model that is wanted.
    Match(Box<Trained>),
    /// A model that was trained on something else.
    Mismatch(Mismatch),
    /// No model.
    Missing,
}

/// `metadata.json`, as it is written.
#[derive(Serialize)]
struct Metadata<'a> {
    engine: &'a str,
    key: String,
    device: DeviceKind,
    fits: Vec<FitRecord>,
    parameters: &'a Configuration,
    provenance: &'a Provenance,
}

/// `metadata.json`, as it is read.
#[derive(Deserialize)]
struct Found {
    device: DeviceKind,
    fits: Vec<FitRecord>,
    parameters: Map<String, Value>,
    provenance: Provenance,
}

/// What `metadata.json` says of a fit.
#[derive(Serialize, Deserialize)]
struct FitRecord {
    /// Which instrument it is for, in the order of the universe; none where it is for all.
    instrument: Option<usize>,
    #[serde(with = "instant")]
    from: i64,
    ranges: Ranges,
    updates: Vec<UpdateRecord>,
}

#[derive(Serialize, Deserialize)]
struct UpdateRecord {
    #[serde(with = "instant")]
    from: i64,
}

impl Trained {
    /// Writes the model into a folder, in place of what was there:
    ///
    /// - `weights.safetensors`, whose tensors have the names and shapes of PyTorch's `nn.LSTM` and
    ///   `nn.Linear`: `day.lstm.weight_ih_l0`, `day.head.weight`, `weights.0.weight`;
    /// - `scaler.json`, `metadata.json`, and `history.csv` with a line an epoch.
    ///
    /// A model of several fits has these files for each, but for `metadata.json`: `fit_01.weights.safetensors`. What
    /// it learned later is in `update_01.weights.safetensors`.
    ///
    /// The files are written beside and the folder is renamed: after a kill, [`Artifact::load`]
    /// finds the old model or the new one. The same model gives the same bytes.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn save(&self, directory: &Path, provenance: &Provenance) -> Result<()> {
        let record = |fit: &Fit| FitRecord {
            instrument: fit.instrument,
            from: fit.from,
            ranges: fit.ranges,
            updates: fit.updates.iter().map(|update| UpdateRecord { from: update.from }).collect(),
        };
        let metadata = Metadata {
            engine: ENGINE,
            key: key(&self.configuration, self.device, provenance),
            device: self.device,
            fits: self.fits.iter().map(record).collect(),
            parameters: &self.configuration,
            provenance,
        };
        let mut files = vec![(METADATA.to_owned(), json(&metadata)?)];
        for (index, fit) in self.fits.iter().enumerate() {
            let name = |file: &str| fit_file(index, self.fits.len(), file);
            files.push((name(WEIGHTS), fit.state.to_safetensors()?));
            files.push((name(SCALER), json(&fit.scalers)?));
            files.push((name(HISTORY), history(&fit.history)?));
            for (number, update) in fit.updates.iter().enumerate() {
                files.push((name(&update_file(number)), update.state.to_safetensors()?));
            }
        }
        folder::replace(directory, &files)
    }
}

/// The name of a fit's file: `weights.safetensors` where there is one fit, else `fit_01.weights.safetensors`.
fn fit_file(index: usize, fits: usize, file: &str) -> String {
    if fits == 1 { file.to_owned() } else { format!("fit_{:02}.{file}", index + 1) }
}

fn update_file(number: usize) -> String {
    format!("update_{:02}.{WEIGHTS}", number + 1)
}

impl Artifact {
    /// Looks for the model of a configuration, a device and a provenance in a folder.
    ///
    /// # Errors
    /// Where the files of the wanted model cannot be read, or are damaged.
    pub fn load(
        directory: &Path,
        configuration: &Configuration,
        device: DeviceKind,
        provenance: &Provenance,
    ) -> Result<Self> {
        folder::restore(directory)?;
        if !directory.join(METADATA).exists() {
            return Ok(Self::Missing);
        }
        let text = read(directory, METADATA)?;
        let value: Value = parse(directory, METADATA, &text)?;
        match value.get("engine") {
            Some(Value::String(engine)) if engine == ENGINE => {}
            // Another engine may have written other fields: they are not looked at.
            other => return Ok(Self::Mismatch(Mismatch::engine(other.map_or("absent".into(), Value::to_string)))),
        }
        let Found { device: found, fits, parameters, provenance: made } = parse(directory, METADATA, &text)?;
        let found = dependencies(Value::Object(parameters), found, &made);
        if let Some(mismatch) = Mismatch::between(found, dependencies(described(configuration), device, provenance)) {
            return Ok(Self::Mismatch(mismatch));
        }
        let files = Files { directory, configuration, device, count: fits.len() };
        let ends: Vec<i64> = (0..fits.len()).map(|index| end(&fits, index)).collect();
        let fits = fits.into_iter().zip(ends).enumerate();
        let fits = fits.map(|(index, (record, until))| files.fit(index, record, until)).collect::<Result<_>>()?;
        Ok(Self::Match(Box::new(Trained { configuration: configuration.clone(), device, fits })))
    }
}

/// Where the next fit of the same instrument begins.
fn end(fits: &[FitRecord], index: usize) -> i64 {
    let next = fits[index + 1..].iter().find(|next| next.instrument == fits[index].instrument);
    next.map_or(i64::MAX, |next| next.from)
}

/// The files of a model's fits.
struct Files<'a> {
    directory: &'a Path,
    configuration: &'a Configuration,
    device: DeviceKind,
    count: usize,
}

impl Files<'_> {
    fn fit(&self, index: usize, record: FitRecord, until: i64) -> Result<Fit> {
        let FitRecord { instrument, from, ranges, updates } = record;
        let name = |file: &str| fit_file(index, self.count, file);
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
        let given = self.configuration.weighting.as_ref().map_or(0, |weighting| weighting.given);
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

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
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

fn read(directory: &Path, file: &str) -> Result<Vec<u8>> {
    fs::read(directory.join(file)).map_err(|error| damaged(directory, file, error))
}

fn parse<'a, T: Deserialize<'a>>(directory: &Path, file: &str, bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| damaged(directory, file, error))
}

fn damaged(directory: &Path, file: &str, why: impl Display) -> Diagnostic {
    let path = directory.join(file);
    Diagnostic::new(format!("the model's file cannot be used: {why}"))
        .at(Origin::file(path.to_string_lossy()))
        .hint("train the model again with `--retrain`")
}

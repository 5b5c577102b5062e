//! Artifacts: a trained model as files, found again by what it depends on.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Diagnostic, Origin, Result};
use crate::models::artifacts::folder;
use crate::models::artifacts::provenance::{ENGINE, Mismatch, Provenance, key};
use crate::models::artifacts::state_dict::StateDict;
use crate::models::configuration::Configuration;
use crate::models::networks::device::DeviceKind;
use crate::models::networks::forecaster::parameters;
use crate::models::samples::scaler::Scaler;
use crate::models::samples::split::Ranges;
use crate::models::trained::Trained;
use crate::models::training::train::Epoch;

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

/// `metadata.json`.
#[derive(Serialize, Deserialize)]
struct Metadata {
    engine: String,
    key: String,
    device: DeviceKind,
    ranges: Ranges,
    parameters: Configuration,
    provenance: Provenance,
}

impl Trained {
    /// Writes the model into a folder, in place of what was there:
    ///
    /// - `weights.safetensors`, whose tensors have the names and shapes of PyTorch's `nn.LSTM` and
    ///   `nn.Linear`: `day.lstm.weight_ih_l0`, `day.head.weight`, `weights.0.weight`;
    /// - `scaler.json`, `metadata.json`, and `history.csv` with a line an epoch.
    ///
    /// The files are written beside and the folder is renamed: after a kill, [`Artifact::load`]
    /// finds the old model or the new one. The same model gives the same bytes.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn save(&self, directory: &Path, provenance: &Provenance) -> Result<()> {
        let metadata = Metadata {
            engine: ENGINE.into(),
            key: key(&self.configuration, self.device, provenance),
            device: self.device,
            ranges: self.ranges,
            parameters: self.configuration.clone(),
            provenance: provenance.clone(),
        };
        let files = [
            (WEIGHTS, self.state.to_safetensors()?),
            (SCALER, json(&self.scaler)?),
            (METADATA, json(&metadata)?),
            (HISTORY, history(&self.history)?),
        ];
        folder::replace(directory, &files)
    }
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
        let metadata: Metadata = parse(directory, METADATA, &text)?;
        let found = (&metadata.parameters, metadata.device, &metadata.provenance);
        if let Some(mismatch) = Mismatch::between(found, (configuration, device, provenance)) {
            return Ok(Self::Mismatch(mismatch));
        }
        let scaler: Scaler = parse(directory, SCALER, &read(directory, SCALER)?)?;
        let state = StateDict::from_safetensors(&read(directory, WEIGHTS)?, &device.device()?)
            .map_err(|error| damaged(directory, WEIGHTS, error.message()))?;
        let mut expected: Vec<_> =
            parameters(configuration).into_iter().map(|(name, shape, _)| (name, shape)).collect();
        expected.sort();
        let shapes = state.shapes().map(|(name, shape)| (name.to_owned(), shape.to_vec()));
        let widths = configuration.groups.iter().map(|group| group.features.len());
        let given = configuration.weighting.as_ref().map_or(0, |weighting| weighting.given);
        if !shapes.eq(expected) {
            return Err(damaged(directory, WEIGHTS, "its tensors are not those of the configuration"));
        }
        if !scaler.groups.iter().map(Vec::len).eq(widths) || scaler.given.len() != given {
            return Err(damaged(directory, SCALER, "its columns are not those of the configuration"));
        }
        let bytes = read(directory, HISTORY)?;
        let history: Result<Vec<Epoch>, _> = csv::Reader::from_reader(&bytes[..]).deserialize().collect();
        Ok(Self::Match(Box::new(Trained {
            configuration: configuration.clone(),
            device,
            scaler,
            ranges: metadata.ranges,
            state,
            history: history.map_err(|error| damaged(directory, HISTORY, error))?,
        })))
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

//! Artifacts: a trained model as files, found again by what it depends on.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::models::artifacts::fit_files::{FitFiles, FitRecord, files_of, json, parse, read};
use crate::models::artifacts::folder;
use crate::models::artifacts::provenance::{ENGINE, Mismatch, Provenance, dependencies, described, key};
use crate::models::configuration::Configuration;
use crate::models::trained::Trained;
use crate::networks::DeviceKind;

const METADATA: &str = "metadata.json";

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
        let metadata = Metadata {
            engine: ENGINE,
            key: key(&self.configuration, self.device, provenance),
            device: self.device,
            fits: self.fits.iter().map(FitRecord::of).collect(),
            parameters: &self.configuration,
            provenance,
        };
        let mut files = vec![(METADATA.to_owned(), json(&metadata)?)];
        for (index, fit) in self.fits.iter().enumerate() {
            files.extend(files_of(fit, &prefix(index, self.fits.len()))?);
        }
        folder::replace(directory, &files)
    }
}

/// What the names of a fit's files begin with: nothing where there is one fit, else `fit_01.`.
fn prefix(index: usize, fits: usize) -> String {
    if fits == 1 { String::new() } else { format!("fit_{:02}.", index + 1) }
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
        let (files, count) = (FitFiles { directory, configuration, device }, fits.len());
        let ends: Vec<i64> = (0..count).map(|index| end(&fits, index)).collect();
        let fits = fits.into_iter().zip(ends).enumerate();
        let fits = fits.map(|(index, (record, until))| files.read(&prefix(index, count), record, until));
        let fits = fits.collect::<Result<_>>()?;
        Ok(Self::Match(Box::new(Trained { configuration: configuration.clone(), device, fits })))
    }
}

/// Where the next fit of the same instrument begins.
fn end(fits: &[FitRecord], index: usize) -> i64 {
    let next = fits[index + 1..].iter().find(|next| next.instrument == fits[index].instrument);
    next.map_or(i64::MAX, |next| next.from)
}

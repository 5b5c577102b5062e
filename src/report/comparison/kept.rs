//! A run as its folder keeps it: read back, or refused with what is missing.

use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::data::sha256;
use crate::error::{Diagnostic, Origin, Result};

/// A run that was made before.
#[derive(Clone, Debug)]
pub struct KeptRun {
    /// Where it is kept.
    pub folder: PathBuf,
    /// What run.json holds.
    pub run: Value,
    /// What metrics.json holds.
    pub metrics: Value,
    /// The text of its script, where script.rhai is the one that was run.
    pub script: Option<String>,
}

impl KeptRun {
    /// Reads a run's folder.
    ///
    /// # Errors
    /// Where it is none: it does not exist, is a file, or lacks a file that a run leaves; or where one of them
    /// is not what a run leaves.
    pub fn read(folder: &Path) -> Result<Self> {
        let at = |error: Diagnostic| error.at(Origin::file(folder.display().to_string()));
        if !folder.is_dir() {
            let what =
                if folder.exists() { "this is a file, not the folder of a run" } else { "there is no such folder" };
            return Err(at(Diagnostic::new(what).hint("a run leaves its files in runs/NAME, or where --out says")));
        }
        let metrics = json(folder, "metrics.json", "total_return")?;
        let run = json(folder, "run.json", "engine")?;
        let script = fs::read_to_string(folder.join("script.rhai")).ok();
        let script = script.filter(|text| run["script_sha256"] == sha256(text.as_bytes()).as_str());
        Ok(Self { folder: folder.to_owned(), run, metrics, script })
    }

    /// The name of its folder.
    pub fn name(&self) -> String {
        let name =
            self.folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        name.unwrap_or_else(|| self.folder.display().to_string())
    }

    /// The engine that made it.
    pub fn engine(&self) -> &str {
        self.run["engine"].as_str().unwrap_or("an unknown engine")
    }

    /// The dates of the first and the last bar that it traded.
    pub fn traded(&self) -> Option<[&str; 2]> {
        let ranges = self.run["ranges"].as_array()?;
        let traded = ranges.iter().find(|range| range["name"] == "traded")?;
        Some([traded["from"].as_str()?, traded["to"].as_str()?])
    }

    /// A column of equity.parquet: the opening instants of the bars (µs, UTC), and a value of the account at the close
    /// of each.
    ///
    /// # Errors
    /// Where equity.parquet is not there, or is not what a run leaves.
    pub fn account(&self, name: &str) -> Result<(Vec<i64>, Vec<f64>)> {
        let path = self.folder.join("equity.parquet");
        let refused = |what: String| {
            Diagnostic::new(what).at(Origin::file(path.display().to_string())).hint("run the script again")
        };
        let unreadable = |error: &dyn Display| refused(format!("the equity of the run cannot be read: {error}"));
        let file = File::open(&path).map_err(|error| unreadable(&error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
        let (mut instants, mut column) = (Vec::new(), Vec::new());
        for batch in reader.map_err(|error| unreadable(&error))? {
            let batch = batch.map_err(|error| unreadable(&error))?;
            let (times, values) = columns(&batch, name).ok_or_else(|| {
                refused(format!("there are no columns `timestamp` and `{name}`, as a run leaves them"))
            })?;
            instants.extend_from_slice(times);
            column.extend_from_slice(values);
        }
        Ok((instants, column))
    }
}

fn columns<'a>(batch: &'a RecordBatch, name: &str) -> Option<(&'a [i64], &'a [f64])> {
    let times = batch.column_by_name("timestamp")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    let values = batch.column_by_name(name)?.as_primitive_opt::<Float64Type>()?;
    Some((times.values(), values.values()))
}

/// A JSON file of a run, which has a certain property.
fn json(folder: &Path, name: &str, property: &str) -> Result<Value> {
    let path = folder.join(name);
    let at = |error: Diagnostic| error.at(Origin::file(path.display().to_string()));
    let text = fs::read_to_string(&path).map_err(|error| {
        at(Diagnostic::new(format!("this is no run that can be read: {error}"))
            .hint("give a folder that a run left, with its metrics.json and run.json"))
    })?;
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        at(Diagnostic::new(format!("this is not JSON, or only a part of it: {error}")).hint("run the script again"))
    })?;
    match value.get(property) {
        Some(_) => Ok(value),
        None => {
            let message = format!("this is not the {name} of a run: it has no `{property}`");
            Err(at(Diagnostic::new(message).hint("run the script again")))
        }
    }
}

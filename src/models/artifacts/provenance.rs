//! What a model depends on: its key, and what differs where two do not agree.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::data::sha256;
use crate::models::configuration::Configuration;
use crate::networks::DeviceKind;

/// The version of the code that trained a model, part of its key: the crate's, and a number that
/// rises whenever training gives other figures.
pub const ENGINE: &str = concat!(env!("CARGO_PKG_VERSION"), "/2");

/// Where a model's columns come from, as known by whoever made them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The SHA-256 of every data file that the columns were made from, by the file's name.
    pub data: BTreeMap<String, String>,
    /// How the columns were made: the text of the plan's steps that features, `given` and target
    /// need, or its hash.
    pub features: String,
    /// The SHA-256 of the script. It is kept for the record and is no part of the key: a change of
    /// an exit does not change the model.
    pub script: String,
}

/// A configuration as `metadata.json` keeps it.
pub(super) fn described(configuration: &Configuration) -> Value {
    serde_json::to_value(configuration).unwrap_or_default()
}

/// What a model was trained on, as it is compared.
pub(super) fn dependencies(parameters: Value, device: DeviceKind, provenance: &Provenance) -> Map<String, Value> {
    let all = json!({
        "engine": ENGINE,
        "device": device,
        "data": provenance.data,
        "features": provenance.features,
        "parameters": parameters,
    });
    all.as_object().cloned().unwrap_or_default()
}

/// A hash of all that a model depends on: configuration with seed, device, data, features and
/// engine. 64 hexadecimal digits.
pub fn key(configuration: &Configuration, device: DeviceKind, provenance: &Provenance) -> String {
    let text = Value::Object(dependencies(described(configuration), device, provenance)).to_string();
    sha256(text)
}

/// What differs between the model that was found and the one that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Each difference; at least one.
    pub differences: Vec<Difference>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What: `engine`, `device`, `features`, `data FILE` or `parameters.NAME`.
    pub field: String,
    /// Its value in the model that was found, as JSON.
    pub found: String,
    /// Its value now, as JSON.
    pub wanted: String,
}

impl Mismatch {
    /// The differences between two sets of dependencies, if there are any.
    pub(super) fn between(found: Map<String, Value>, wanted: Map<String, Value>) -> Option<Self> {
        let (found, wanted) = (flat(found), flat(wanted));
        let fields: Vec<&String> = found.keys().chain(wanted.keys().filter(|key| !found.contains_key(*key))).collect();
        let text = |value: Option<&Value>| value.map_or("absent".into(), Value::to_string);
        let difference = |field: &String| Difference {
            field: field.clone(),
            found: text(found.get(field)),
            wanted: text(wanted.get(field)),
        };
        let differences: Vec<Difference> =
            fields.into_iter().map(difference).filter(|difference| difference.found != difference.wanted).collect();
        (!differences.is_empty()).then_some(Self { differences })
    }

    /// That the model was trained by other code.
    pub(super) fn engine(found: String) -> Self {
        let wanted = Value::from(ENGINE).to_string();
        Self { differences: vec![Difference { field: "engine".into(), found, wanted }] }
    }
}

/// Data by file and parameters by name, so that a difference is named by the least that differs.
fn flat(dependencies: Map<String, Value>) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (name, value) in dependencies {
        match (name.as_str(), value) {
            ("data", Value::Object(files)) => {
                flat.extend(files.into_iter().map(|(file, hash)| (format!("data {file}"), hash)))
            }
            ("parameters", Value::Object(parameters)) => {
                flat.extend(
                    parameters.into_iter().map(|(parameter, value)| (format!("parameters.{parameter}"), value)),
                );
            }
            (_, value) => {
                flat.insert(name, value);
            }
        }
    }
    flat
}

impl fmt::Display for Mismatch {
    /// `parameters.hidden was 32 and is 64; data us_equities/AAPL/1d.parquet has changed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Difference { field, found, wanted }) in self.differences.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            // Hashes and long lists tell a person nothing.
            match found.len().max(wanted.len()) {
                0..=60 => write!(f, "{separator}{field} was {found} and is {wanted}")?,
                _ => write!(f, "{separator}{field} has changed")?,
            }
        }
        Ok(())
    }
}

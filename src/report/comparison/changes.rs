//! What changed from one run to another: script, data, parameters, costs, account.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use similar::TextDiff;

use crate::report::comparison::KeptRun;

/// What changed from the first run to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// What is said of the script: the same, or not.
    pub script: String,
    /// How its text changed, line by line, where both are kept; empty where it did not.
    pub script_diff: String,
    /// Each setting that is not what it was.
    pub settings: Vec<Change>,
}

/// A setting that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `parameters.fast`, `costs.commission`, `data.us_equities/AAPL/1d.parquet`.
    pub what: String,
    /// What it was in the first run; none where that had none.
    pub before: Option<String>,
    /// What it is in the other.
    pub after: Option<String>,
}

/// Which parts of run.json are compared. The rest follows from them: ranges, models, the plan.
const PARTS: [&str; 15] = [
    "engine",
    "parameters",
    "universe",
    "timeframes",
    "base_timeframe",
    "from",
    "until",
    "data",
    "costs",
    "account",
    "preset",
    "fill",
    "intrabar",
    "adjust",
    "in_sample",
];

/// How much of two scripts must be the same for their difference to say anything, from 0 to 1.
const ALIKE: f32 = 0.5;

/// How much of a hash is shown.
const HASH: usize = 12;

impl Changes {
    pub(super) fn between(first: &KeptRun, other: &KeptRun) -> Self {
        let mut settings = Vec::new();
        for part in PARTS {
            compare(part, &first.run[part], &other.run[part], &mut settings);
        }
        let (script, script_diff) = script(first, other);
        Self { script, script_diff, settings }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.script_diff.is_empty() && self.script == SAME
    }
}

const SAME: &str = "the same";

fn script(first: &KeptRun, other: &KeptRun) -> (String, String) {
    let hash = |run: &KeptRun| run.run["script_sha256"].as_str().map(str::to_owned);
    let (old, new) = (hash(first), hash(other));
    let short = |hash: &Option<String>| hash.as_deref().map_or("none".into(), shortened);
    if old == new {
        let told = match first.run["plan"] == other.run["plan"] {
            true => SAME.to_owned(),
            false if parameters(first) != parameters(other) => SAME.to_owned(),
            false => "the same, but not what it computes: a module that it imports changed, or the data".to_owned(),
        };
        return (told, String::new());
    }
    let told = format!("changed: {} -> {}", short(&old), short(&new));
    match (&first.script, &other.script) {
        (Some(old), Some(new)) => {
            let diff = TextDiff::from_lines(old, new);
            match diff.ratio() {
                ratio if ratio < ALIKE => (format!("{told}; it is another one"), String::new()),
                _ => (told, diff.unified_diff().context_radius(2).to_string()),
            }
        }
        _ => (format!("{told}; its text is not kept in both folders"), String::new()),
    }
}

fn parameters(run: &KeptRun) -> &Value {
    &run.run["parameters"]
}

/// Goes down into what both have, to where they differ.
fn compare(what: &str, old: &Value, new: &Value, found: &mut Vec<Change>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let part = |of: &Value| of.get(name).cloned().unwrap_or(Value::Null);
                compare(&format!("{what}.{name}"), &part(old), &part(new), found);
            }
        }
        _ => found.push(Change { what: what.to_owned(), before: written(old), after: written(new) }),
    }
}

fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(shortened(text)),
        Value::Array(items) => Some(items.iter().filter_map(written).collect::<Vec<_>>().join(", ")),
        // As people write them: 20, not 20.0.
        Value::Number(number) => Some(number.as_f64().map_or(number.to_string(), |number| number.to_string())),
        other => Some(other.to_string()),
    }
}

/// A hash by its first digits; another text as it is.
fn shortened(text: &str) -> String {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { text.chars().take(HASH).collect() } else { text.to_owned() }
}

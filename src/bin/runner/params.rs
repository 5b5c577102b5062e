//! `runner params`: the parameters that a script declares.

use clap::Args;
use serde_json::{Value, json};
use timeweave::error::{Diagnostic, Result};
use timeweave::standard_registry;
use timeweave::strategy::ParameterValue;

use crate::arguments::ScriptArguments;
use crate::output::{line, text};

/// A script whose parameters are asked for.
#[derive(Debug, Args)]
pub struct ParamsArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Prints a script's parameters, a line each: name, value, default, range, place.
pub fn run(arguments: &ParamsArguments) -> Result<()> {
    let ParamsArguments { script, json } = arguments;
    let strategy = script.read(&standard_registry()?)?;
    let parameters = &strategy.parameters;
    match (json, parameters.is_empty()) {
        (true, _) => {
            let all: Vec<Value> = parameters.iter().map(in_json).collect();
            let written = serde_json::to_string_pretty(&all);
            line(written.map_err(|error| Diagnostic::new(format!("the parameters cannot be written: {error}")))?)
        }
        (false, true) => line(format_args!(
            "{} has no parameters: declare one with param(name, default, #{{ min: …, max: … }})",
            script.path.display()
        )),
        (false, false) => text(table(parameters)),
    }
}

const HEAD: [&str; 6] = ["name", "value", "default", "min", "max", "declared at"];

fn table(parameters: &[ParameterValue]) -> String {
    let rows: Vec<[String; 6]> = std::iter::once(HEAD.map(str::to_owned)).chain(parameters.iter().map(row)).collect();
    let mut widths = [0; 6];
    for (column, width) in widths.iter_mut().enumerate() {
        *width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    }
    let aligned = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            5 => cell.clone(),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<String>>().join("  ") + "\n"
    };
    rows.iter().map(aligned).collect()
}

fn row(parameter: &ParameterValue) -> [String; 6] {
    let ParameterValue { name, value, default, range: (min, max), whole, origin } = parameter;
    let shown = |number: &f64| match (number.is_finite(), whole) {
        (false, _) => "any".into(),
        (true, true) => format!("{number}"),
        (true, false) => format!("{number:?}"),
    };
    let place = origin.as_ref().map(ToString::to_string).unwrap_or_default();
    [name.clone(), shown(value), shown(default), shown(min), shown(max), place]
}

/// A bound that is open is `null`.
fn in_json(parameter: &ParameterValue) -> Value {
    let ParameterValue { name, value, default, range: (min, max), whole, origin } = parameter;
    let number = |number: &f64| match whole {
        true if number.is_finite() => json!(*number as i64),
        _ => json!(number),
    };
    json!({
        "name": name,
        "value": number(value),
        "default": number(default),
        "min": number(min),
        "max": number(max),
        "whole": whole,
        "file": origin.as_ref().map(|origin| &*origin.file),
        "line": origin.as_ref().map(|origin| origin.line),
        "column": origin.as_ref().map(|origin| origin.column),
    })
}

//! Our side of `benches/peers/indicators.py`: computes indicators over the bars of a Parquet file, on
//! request, and says how long each took.
//!
//! `{"node": "sma", "arguments": {"timeperiod": 20}, "repeats": 5}` on a line of stdin gives the
//! seconds of each repeat and the last values, or that there is no such node, on a line of stdout.

#![allow(clippy::unwrap_used)] // what fails here fails the bench

use std::env;
use std::hint::black_box;
use std::io::stdin;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, from_str, json};
use timeweave::data::{Bars, Column, Field};
use timeweave::expr::{Argument, Entry};
use timeweave::indicators;
use timeweave::node::{IndicatorNode, Inputs, Kind, Registry, bind_record};
use timeweave::time::{Calendar, Timeframe};

/// The words for TA-Lib's `matype`, by its number.
const AVERAGES: [&str; 9] = ["sma", "ema", "wma", "dema", "tema", "trima", "kama", "", "t3"];

fn main() {
    // `cargo bench` names the bench itself after what it was given.
    let Some(path) = env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("this is asked by benches/peers/indicators.py");
        return;
    };
    let minute: Timeframe = "1m".parse().unwrap();
    let bars = Bars::read_parquet(Path::new(&path), minute, &Calendar::Continuous).unwrap();
    let mut registry = Registry::new();
    indicators::register(&mut registry).unwrap();
    for request in stdin().lines() {
        let request: Value = from_str(&request.unwrap()).unwrap();
        let answer = match registry.indicator(request["node"].as_str().unwrap()) {
            None => json!({ "unknown": true }),
            Some(node) => measure(&registry, node, &bars, &request),
        };
        println!("{answer}");
    }
}

fn measure(registry: &Registry, node: &IndicatorNode, bars: &Bars, request: &Value) -> Value {
    let entries = request["arguments"].as_object().unwrap().iter().map(|(name, value)| {
        let parameter = node.spec.parameters.iter().find(|parameter| parameter.name == name);
        Entry { name: name.clone(), given: argument(parameter.map(|parameter| parameter.kind), value).into() }
    });
    let arguments = bind_record(registry, node.spec.name, node.spec.parameters, entries.collect()).unwrap();
    let inputs: Vec<Column> = fields(node.spec.inputs).into_iter().map(|field| bars.field(field).clone()).collect();
    let mut seconds = Vec::new();
    // A result lives until the next one is there, as `result = call()` has it in Python: so both sides
    // ask the same malloc for memory in the same order, and get pages that were used before.
    let mut result = Vec::new();
    for _ in 0..request["repeats"].as_u64().unwrap() {
        let start = Instant::now();
        let outputs = (node.machine)(&arguments).unwrap().columns(black_box(&inputs));
        seconds.push(start.elapsed().as_secs_f64());
        result = black_box(outputs);
    }
    let last: Vec<f64> = result.iter().filter_map(|column| column.last().copied()).collect();
    json!({ "seconds": seconds, "last": last })
}

fn argument(kind: Option<Kind>, value: &Value) -> Argument {
    match (kind, value.as_i64()) {
        (Some(Kind::Choice(_)), Some(number)) => Argument::from(AVERAGES[number as usize]),
        (_, Some(number)) => Argument::Integer(number),
        (_, None) => Argument::Number(value.as_f64().unwrap()),
    }
}

/// The columns that a node reads: fields as they are, series by name where they name a field, and
/// otherwise the close, then the open.
fn fields(inputs: Inputs) -> Vec<Field> {
    match inputs {
        Inputs::None => Vec::new(),
        Inputs::Bars(fields) => fields.to_vec(),
        Inputs::Series(names) => {
            let named = |name: &str| Field::ALL.into_iter().find(|field| field.name() == name);
            names.iter().zip([Field::Close, Field::Open]).map(|(name, other)| named(name).unwrap_or(other)).collect()
        }
    }
}

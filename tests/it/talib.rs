//! Indicators against TA-Lib: every function of every golden file that we have, and a list of those
//! that we have not.

#![allow(clippy::unwrap_used, clippy::panic)] // what fails here fails the test

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};
use timeweave::data::{Bars, Column, Field};
use timeweave::expr::{Argument, Arguments, Entry};
use timeweave::indicators;
use timeweave::node::{IndicatorNode, Kind, Literal, Presence, Registry, bind_record};
use timeweave::plan::Plan;
use timeweave::run::{InstrumentBars, Keep, evaluate};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// TA-Lib's functions of single numbers: operators and functions of the language, not nodes. Beside
/// each, what a script writes for it; `a` and `b` are the inputs.
const ELEMENT_WISE: &[(&str, &str)] = &[
    ("ACOS", "acos(a)"),
    ("ADD", "a + b"),
    ("ASIN", "asin(a)"),
    ("ATAN", "atan(a)"),
    ("CEIL", "ceil(a)"),
    ("COS", "cos(a)"),
    ("COSH", "cosh(a)"),
    ("DIV", "a / b"),
    ("EXP", "exp(a)"),
    ("FLOOR", "floor(a)"),
    ("LN", "ln(a)"),
    ("LOG10", "log10(a)"),
    ("MULT", "a * b"),
    ("SIN", "sin(a)"),
    ("SINH", "sinh(a)"),
    ("SQRT", "sqrt(a)"),
    ("SUB", "a - b"),
    ("TAN", "tan(a)"),
    ("TANH", "tanh(a)"),
];

/// TA-Lib's functions that are not built yet.
const NOT_BUILT: &[&str] = &[];

/// Nodes that go by another name than TA-Lib's: `max` and `min` are operators of the language, `var`
/// is a reserved word of scripts.
const RENAMED: &[(&str, &str)] = &[("MAX", "highest"), ("MIN", "lowest"), ("VAR", "variance")];

/// The periods that the golden column of MAVP was made with: the same on every bar. The file does
/// not have them.
const PERIODS: f64 = 14.0;

/// The words for TA-Lib's `matype`, by its number.
const AVERAGES: &[(i64, &str)] =
    &[(0, "sma"), (1, "ema"), (2, "wma"), (3, "dema"), (4, "tema"), (5, "trima"), (6, "kama"), (8, "t3"), (13, "rma")];

/// Agreement is relative. Near zero it is absolute: what is left of prices of about 100 that are
/// subtracted from each other carries their rounding, 100 × 2⁻⁵³ an operation, so 1e-12 is some
/// ninety roundings.
const RELATIVE: f64 = 1e-9;
const ABSOLUTE: f64 = 1e-12;

/// The absolute tolerance in the unit of the function: a slope of 1e-12 is an angle of 57e-12
/// degrees, a difference of 1e-12 is 100e-12 percent of a price of 1. TA-Lib's FOSC has
/// no right digit on the bar where the forecast comes true to 2e-14 of the price (4.9e-12, where
/// exact fractions give 2.3e-12).
fn absolute(function: &str) -> f64 {
    match function {
        "LINEARREG_ANGLE" => ABSOLUTE.to_degrees(),
        "FOSC" => 100.0 * ABSOLUTE,
        _ => ABSOLUTE,
    }
}

/// A golden file: what it says of each function, and its columns.
struct Golden {
    path: PathBuf,
    functions: Vec<Value>,
    columns: BTreeMap<String, Column>,
}

fn golden_files() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("talib_"))
        .filter(|path| path.extension().is_some_and(|extension| extension == "parquet"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are no golden files");
    paths.into_iter().map(Golden::read).collect()
}

impl Golden {
    fn read(path: PathBuf) -> Self {
        let description: Value = serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let functions = description["functions"].as_array().unwrap().clone();
        assert!(!functions.is_empty(), "{} has no functions", path.display());
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap().build().unwrap();
        let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for batch in reader {
            let batch: RecordBatch = batch.unwrap();
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                if let Some(array) = array.as_primitive_opt::<Float64Type>() {
                    let values = (0..array.len()).map(|i| if array.is_null(i) { f64::NAN } else { array.value(i) });
                    columns.entry(field.name().clone()).or_default().extend(values);
                }
            }
        }
        let columns = columns.into_iter().map(|(name, values)| (name, values.into())).collect();
        Self { path, functions, columns }
    }

    /// A column that functions read.
    fn input(&self, name: &str) -> Column {
        let stored = self.columns.get(name).cloned();
        stored.unwrap_or_else(|| {
            assert_eq!(name, "periods", "{} has no such column", self.path.display());
            vec![PERIODS; self.columns["close"].len()].into()
        })
    }

    /// The prices and volumes as daily bars; the dates are made up.
    fn bars(&self) -> InstrumentBars {
        let fields = Field::ALL.map(|field| self.columns[field.name()].to_vec());
        let days = (0..fields[0].len() as i64).map(|day| day * Timestamp::DAY).collect();
        let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, days, fields).unwrap();
        InstrumentBars::new("golden/BARS".parse().unwrap(), [bars])
    }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    indicators::register(&mut registry).unwrap();
    registry
}

/// The node for one of TA-Lib's functions.
fn node<'a>(registry: &'a Registry, function: &str) -> Option<&'a IndicatorNode> {
    let renamed = RENAMED.iter().find(|(talib, _)| *talib == function).map(|(_, name)| *name);
    registry.indicator(renamed.unwrap_or(&function.to_lowercase()))
}

fn text<'a>(function: &'a Value, key: &str) -> &'a str {
    function[key].as_str().unwrap()
}

fn parameters(function: &Value) -> &Map<String, Value> {
    function["parameters"].as_object().unwrap()
}

/// The names of the columns that a function reads, in order.
fn input_names(function: &Value) -> Vec<&str> {
    let inputs = function["inputs"].as_object().unwrap().values();
    inputs
        .flat_map(|value| match value {
            Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
            other => vec![other.as_str().unwrap()],
        })
        .collect()
}

fn argument(kind: Kind, value: &Value) -> Argument {
    match (kind, value.as_i64()) {
        (Kind::Choice(_), Some(number)) => {
            let word = AVERAGES.iter().find(|(talib, _)| *talib == number).map(|(_, word)| *word);
            Argument::from(word.unwrap_or_else(|| panic!("there is no word for the matype {number}")))
        }
        (_, Some(number)) => Argument::Integer(number),
        (_, None) => Argument::Number(value.as_f64().unwrap()),
    }
}

fn arguments(registry: &Registry, node: &IndicatorNode, function: &Value) -> Arguments {
    let entries = parameters(function).iter().map(|(name, value)| {
        let parameter = node.spec.parameters.iter().find(|parameter| parameter.name == name);
        let parameter = parameter.unwrap_or_else(|| panic!("{} has no parameter {name}", node.spec.name));
        Entry { name: name.clone(), given: argument(parameter.kind, value).into() }
    });
    bind_record(registry, node.spec.name, node.spec.parameters, entries.collect()).unwrap()
}

/// The column with NaN before the lookback. TA-Lib's whole-number outputs have no NaN: theirs is 0.
fn known_from(lookback: usize, column: &[f64]) -> Vec<f64> {
    let mut column = column.to_vec();
    let whole = column.iter().all(|value| value.fract() == 0.0);
    let before = lookback.min(column.len());
    if whole && column[..before].iter().all(|value| *value == 0.0) {
        column[..before].fill(f64::NAN);
    }
    column
}

/// What is wrong with an output column, if anything.
fn difference(values: &[f64], expected: &[f64], absolute: f64) -> Option<String> {
    assert_eq!(values.len(), expected.len());
    let wrong = |bar: &usize| {
        let (value, expected) = (values[*bar], expected[*bar]);
        let close = (value - expected).abs() <= (RELATIVE * expected.abs()).max(absolute);
        let both_unknown = value.is_nan() && expected.is_nan();
        !(close || both_unknown)
    };
    let bars: Vec<usize> = (0..values.len()).filter(wrong).collect();
    let bar = *bars.first()?;
    Some(format!("{} bars differ, first bar {bar}: {:e} is not {:e}", bars.len(), values[bar], expected[bar]))
}

#[test]
fn talib_functions_agree_on_every_bar() {
    let registry = registry();
    let mut wrong = Vec::new();
    let mut checked = BTreeSet::new();
    for golden in golden_files() {
        for function in &golden.functions {
            let name = text(function, "function");
            let Some(node) = node(&registry, name) else { continue };
            let arguments = arguments(&registry, node, function);
            let mut complain = |what: String| wrong.push(format!("{} {name}: {what}", golden.path.display()));
            let lookback = (node.lookback)(&arguments).unwrap() as u64;
            if Some(lookback) != function["lookback"].as_u64() {
                complain(format!("the lookback is {lookback}, TA-Lib's {}", function["lookback"]));
            }
            let inputs: Vec<Column> = input_names(function).iter().map(|name| golden.input(name)).collect();
            let outputs = (node.machine)(&arguments).unwrap().columns(&inputs);
            let columns = function["columns"].as_array().unwrap();
            assert_eq!(outputs.len(), columns.len(), "{name}");
            for (output, column) in outputs.iter().zip(columns) {
                let column = column.as_str().unwrap();
                let expected = known_from(lookback as usize, &golden.columns[column]);
                if let Some(what) = difference(output, &expected, absolute(name)) {
                    complain(format!("{column}: {what}"));
                }
            }
            checked.insert(node.spec.name);
        }
    }
    println!("{} functions agree with TA-Lib: {checked:?}", checked.len());
    assert!(wrong.is_empty(), "{} columns differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked.len() >= 90, "too few functions are checked: {checked:?}");
}

#[test]
fn talib_element_wise_functions_are_expressions_of_scripts() {
    let registry = standard_registry().unwrap();
    let mut checked = BTreeSet::new();
    for golden in golden_files() {
        for function in &golden.functions {
            let name = text(function, "function");
            let Some((name, written)) = ELEMENT_WISE.iter().find(|(talib, _)| *talib == name) else { continue };
            let inputs = ["a", "b"].into_iter().zip(input_names(function));
            let inputs: String = inputs.map(|(variable, column)| format!("let {variable} = day.{column};\n")).collect();
            let script = format!(
                "let day = bars(\"1d\");\n{inputs}
                strategy(#{{ universe: \"golden/BARS\", long: #{{ enter: day.close > 0 }}, plot: #{{ it: {written} }} }})"
            );
            let strategy = compile(&script, "golden.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
            let plan = Plan::new(&strategy, &registry).unwrap();
            let evaluation =
                evaluate(&plan, vec![golden.bars()], Keep::Every, |_, _| unreachable!("there is no model")).unwrap();
            let values = evaluation.instruments[0].numbers(plan.plot[0].1, Timeframe::DAY).unwrap();
            let expected = &golden.columns[function["columns"][0].as_str().unwrap()];
            assert_eq!(difference(&values, expected, ABSOLUTE), None, "{name} as {written}");
            checked.insert(*name);
        }
    }
    assert_eq!(checked.len(), ELEMENT_WISE.len(), "{checked:?}");
}

#[test]
fn talib_names_parameters_and_defaults_are_ours() {
    let registry = registry();
    for golden in golden_files() {
        let defaults = golden.path.ends_with("talib_aapl.parquet");
        for function in &golden.functions {
            let Some(node) = node(&registry, text(function, "function")) else { continue };
            let spec = &node.spec;
            assert_eq!(input_names(function).len(), spec.inputs.len(), "{}", spec.name);
            let names: Vec<&str> = spec.parameters.iter().map(|parameter| parameter.name).collect();
            assert_eq!(names, parameters(function).keys().collect::<Vec<_>>(), "{}", spec.name);
            for (parameter, value) in spec.parameters.iter().zip(parameters(function).values()).filter(|_| defaults) {
                let same = match (parameter.presence, argument(parameter.kind, value)) {
                    (Presence::Default(Literal::Integer(ours)), Argument::Integer(theirs)) => ours == theirs,
                    (Presence::Default(Literal::Number(ours)), Argument::Number(theirs)) => ours == theirs,
                    (Presence::Default(Literal::Text(ours)), Argument::Text(theirs)) => ours == theirs,
                    _ => false,
                };
                assert!(same, "{}: {:?} is {value} in TA-Lib", spec.name, parameter);
            }
            let columns = function["columns"].as_array().unwrap();
            let outputs = columns.iter().map(|column| column.as_str().unwrap().rsplit('.').next().unwrap());
            if columns.len() > 1 {
                assert_eq!(outputs.collect::<Vec<_>>(), spec.outputs, "{}", spec.name);
            }
        }
    }
}

#[test]
fn talib_functions_that_are_not_built_are_listed() {
    let registry = registry();
    let files = golden_files();
    let functions: BTreeSet<&str> =
        files.iter().flat_map(|golden| &golden.functions).map(|function| text(function, "function")).collect();
    let missing: BTreeSet<&str> = functions
        .into_iter()
        .filter(|function| {
            node(&registry, function).is_none() && !ELEMENT_WISE.iter().any(|(name, _)| name == function)
        })
        .collect();
    println!("{} of TA-Lib's functions are not built yet: {missing:?}", missing.len());
    let listed: BTreeSet<&str> = NOT_BUILT.iter().copied().collect();
    let unlisted: Vec<_> = missing.difference(&listed).collect();
    assert!(unlisted.is_empty(), "not built and not listed: {unlisted:?}");
    let built: Vec<_> = listed.difference(&missing).collect();
    assert!(built.is_empty(), "listed as not built, but built or unknown: {built:?}");
}

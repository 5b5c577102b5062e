//! Definitions for editors: what scripts can call, as a file that the Rhai language server reads.
//!
//! The server completes names and shows what stands above them. The file has the form that Rhai's own
//! `Engine::definitions` writes: a module that every script knows, and in it functions with the types
//! of what they take and give. The language knows no optional parameters: they stand among the others,
//! and the text above says which they are.

use std::fmt::Write;

use crate::data::Field;
use crate::expr::{Across, PositionFigure};
use crate::node::{Inputs, Kind, Parameter, ReferenceEntry, Registry, Spec, families};
use crate::script::{Function, functions, labels};
use crate::strategy::STRATEGY;
use crate::time::ClockFigure;

/// The text of a definition file (`timeweave.d.rhai`) with every node of `registry`, the functions and
/// operators of the language, and its types.
///
/// # Examples
///
/// ```
/// use timeweave::script::definitions;
///
/// let text = definitions(&timeweave::standard_registry()?);
/// assert!(text.starts_with("module static;\n"));
/// assert!(text.contains("fn rsi(close: Series | float | int, timeperiod: int) -> Series;"));
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
pub fn definitions(registry: &Registry) -> String {
    let mut text = String::from(HEADING);
    for field in Field::ALL.iter().map(|field| field.name()) {
        getter(&mut text, field, "bars: Bars", &format!("The {field} of each bar."));
    }
    for figure in ClockFigure::ALL.map(ClockFigure::name) {
        getter(
            &mut text,
            figure,
            "bars: Bars",
            &format!("The {figure} of each bar, on the calendar and the clock of its dataset."),
        );
    }
    for figure in PositionFigure::ALL {
        getter(&mut text, figure.name(), "position: Position", &format!("{}.", figure.doc()));
    }
    text.push_str(OPERATORS);
    for function in functions() {
        if function.name == STRATEGY.name {
            node(&mut text, registry, &STRATEGY);
        } else {
            language(&mut text, function);
        }
    }
    for entry in families(registry, &[]).iter().flat_map(|family| &family.entries) {
        // The sizer `percent` is the function of that name: a proportion is a size.
        let taken = functions().any(|function| function.name == entry.name);
        if let Some(spec) = registry.spec(entry.name).filter(|_| !taken) {
            node(&mut text, registry, spec);
        }
    }
    text
}

const HEADING: &str = "\
module static;

/// Bars at a timeframe: `bars(\"1d\")`. Their columns are series.
type Bars = ?;

/// A number a bar, not known on some. `close[1]` is the value one bar ago.
type Series = ?;

/// A truth value a bar. Join conditions with `and`, `or` and `not(…)`.
type Condition = ?;

/// A model's target: it looks ahead, and no rule takes it.
type Label = ?;

/// A part of a whole: `percent(8)`, `bps(5)`.
type Proportion = ?;

/// A price: a percentage of the entry price, a distance from it, or `price(series)`.
type Level = ?;

/// At what price an order to enter fills: `limit(day.low[1])`.
type Order = ?;

/// A trained model.
type Model = ?;

/// What protects an open position.
type Exit = ?;

/// How many units are traded.
type Sizer = ?;

/// What a script ends with.
type Strategy = ?;

/// The open position. Exits and sizes may read its figures.
type Position = ?;

/// The open position: `exit_when(position.bars_held > 5 and position.profit < 0)`.
const position: Position;
";

/// How tightly they bind is Rhai's own measure: as `&&` and `||` do.
const OPERATORS: &str = "
/// Holds on a bar where both hold.
op and(Condition, Condition) -> Condition with (60, 61);

/// Holds on a bar where either holds.
op or(Condition, Condition) -> Condition with (30, 31);

/// Prints a value to the terminal while the script is read.
fn print(value: ?);

/// Prints a value and the place to the terminal while the script is read.
fn debug(value: ?);

/// The whole numbers from the first to the last, without the last: `for n in range(1, 4) { … }`.
fn range(from: int, to: int) -> ?;

/// How many items a list or a record has, or how many characters a text.
fn len(items: ?) -> int;

/// A plain number rounded to a whole one.
fn round(number: float) -> float;

/// A plain number without what stands behind its point.
fn to_int(number: float) -> int;

/// A whole number as one with a point.
fn to_float(number: int) -> float;

/// A value as a text.
fn to_string(value: ?) -> String;
";

fn getter(text: &mut String, name: &str, of: &str, doc: &str) {
    let _ = write!(text, "\n/// {doc}\nfn get {name}({of}) -> Series;\n");
}

/// A function of the language: the types of what it takes follow from the names in its signature.
fn language(text: &mut String, function: &Function) {
    comment(text, &[&format!("`{}`", function.signature), "", function.doc]);
    let inner = function.signature.split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
    let takes: Vec<String> = top_level(inner).into_iter().map(typed).collect();
    let gives = match function.name {
        "bars" => "Bars",
        "external" => "Series",
        "param" => "float | int",
        "percent" | "bps" => "Proportion",
        "price" => "Level",
        "limit" | "stop" | "stop_limit" | "trailing" => "Order",
        "crosses_above" | "crosses_below" | "not" | "top" | "bottom" => "Condition",
        name if labels::FUNCTIONS.iter().any(|label| label.name == name) => "Label",
        "shift" => "Series | Condition",
        "select" => "Series",
        name if Across::ALL.iter().any(|across| across.name() == name) => "Series",
        _ if takes.iter().all(|argument| argument.ends_with(": Series | float | int")) => "Series | float",
        _ => "?",
    };
    let _ = writeln!(text, "fn {}({}) -> {gives};", function.name, takes.join(", "));
}

/// The arguments of a signature: split at the commas that stand in no brackets.
fn top_level(arguments: &str) -> Vec<&str> {
    let mut depth = 0;
    let split = |character: char| {
        depth += match character {
            '(' | '{' | '[' => 1,
            ')' | '}' | ']' => -1,
            _ => 0,
        };
        character == ',' && depth == 0
    };
    arguments.split(split).map(str::trim).filter(|argument| !argument.is_empty()).collect()
}

fn typed(argument: &str) -> String {
    let kind = match argument {
        "a" | "b" | "price" | "stop" | "limit" | "distance" => "Series | float | int",
        "threshold" => "Proportion | Series | float",
        "day" => "Bars",
        "series" | "volatility" => "Series",
        "condition" => "Condition",
        "bars" | "count" => "int",
        "number" | "default" => "float | int",
        "name" | "timeframe" | "instrument" => "String",
        _ => "?",
    };
    let plain = argument.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    match argument.chars().next() {
        Some('#') => "options: ?".into(),
        _ if plain => format!("{argument}: {kind}"),
        _ => "function: ?".into(),
    }
}

fn node(text: &mut String, registry: &Registry, spec: &Spec) {
    document(text, &ReferenceEntry::new(registry, spec));
    let mut takes: Vec<String> = match spec.inputs {
        Inputs::None => Vec::new(),
        Inputs::Series(names) => names.iter().map(|name| format!("{name}: Series | float | int")).collect(),
        Inputs::Bars(_) => vec!["bars: Bars".into()],
    };
    // What models and the strategy take is given by name; only another model stands before that.
    let by_name = spec.name == STRATEGY.name || registry.model(spec.name).is_some();
    let is_positional = |parameter: &&Parameter| !by_name || matches!(parameter.kind, Kind::Forecaster);
    let positional = spec.parameters.iter().filter(is_positional);
    takes.extend(positional.map(|parameter| format!("{}: {}", parameter.name, type_of(parameter.kind))));
    if by_name {
        takes
            .push(format!("options: {}", record(spec.parameters.iter().filter(|parameter| !is_positional(parameter)))));
    }
    let gives = if spec.name == STRATEGY.name {
        "Strategy".into()
    } else if registry.model(spec.name).is_some() {
        "Model".into()
    } else if registry.exit(spec.name).is_some() {
        "Exit".into()
    } else if registry.sizer(spec.name).is_some() {
        "Sizer".into()
    } else if let [_] = spec.outputs {
        "Series".into()
    } else {
        let outputs = spec.outputs.iter().map(|name| format!("{name}: Series"));
        format!("#{{ {} }}", outputs.collect::<Vec<_>>().join(", "))
    };
    let _ = writeln!(text, "fn {}({}) -> {gives};", spec.name, takes.join(", "));
}

/// What the reference says, as Markdown in comments.
fn document(text: &mut String, entry: &ReferenceEntry) {
    let mut lines = vec![format!("`{}`", entry.signature), String::new(), entry.doc.into()];
    if !entry.formula.is_empty() {
        lines.extend([String::new(), format!("> {}", entry.formula)]);
    }
    if !entry.parameters.is_empty() {
        lines.push(String::new());
    }
    for parameter in &entry.parameters {
        let default = match parameter.default.as_str() {
            "required" => "required",
            "none" => "may be left out",
            default => &format!("default {default}"),
        };
        lines.push(format!("- `{}` ({}; {default}): {}", parameter.name, parameter.takes, parameter.doc));
    }
    if !entry.facts.is_empty() {
        lines.push(String::new());
    }
    lines.extend(entry.facts.iter().map(|(name, fact)| format!("- {name}: {fact}")));
    comment(text, &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

fn comment(text: &mut String, lines: &[&str]) {
    text.push('\n');
    for line in lines.iter().flat_map(|text| text.split('\n')) {
        let _ = writeln!(text, "{}", format!("/// {line}").trim_end());
    }
}

fn record<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> String {
    let fields = parameters.map(|parameter| format!("{}: {}", parameter.name, type_of(parameter.kind)));
    format!("#{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Integer(..) => "int".into(),
        Kind::Number(..) => "float | int".into(),
        Kind::Percent(..) => "Proportion".into(),
        Kind::Flag => "bool".into(),
        Kind::Text | Kind::Choice(_) => "String".into(),
        Kind::Series => "Series | float | int".into(),
        Kind::Condition => "Condition | bool".into(),
        Kind::Label => "Label".into(),
        Kind::Level => "Level | Proportion | Series".into(),
        Kind::Distance(..) => "Proportion | Series".into(),
        Kind::Integers(..) => "[int]".into(),
        Kind::Records(parameters) => format!("[{}]", record(parameters.iter())),
        Kind::Order => "Order".into(),
        Kind::Weights => "Series | Proportion | float | int | ?".into(),
        Kind::GoodFor | Kind::Every => "int | String".into(),
        Kind::Forecaster => "Model".into(),
        Kind::Sizer => "Sizer | Proportion".into(),
        Kind::Exits => "[Exit] | Exit".into(),
        Kind::Texts => "[String] | String".into(),
        Kind::SeriesList => "[Series]".into(),
        Kind::SeriesRecord | Kind::Groups | Kind::IntegerByGroup(..) => "?".into(),
        Kind::Record(parameters) => record(parameters.iter()),
        Kind::RecordOrFirst(parameters) => {
            let first = parameters.first().map(|first| format!("{} | ", type_of(first.kind)));
            format!("{}{}", first.unwrap_or_default(), record(parameters.iter()))
        }
    }
}

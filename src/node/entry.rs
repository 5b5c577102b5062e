//! An entry of the reference: what a person wants to know of a node, in words.

use crate::node::{IndicatorNode, Inputs, Kind, Parameter, Presence, Registry, Spec, bind_record};

/// What a person wants to know of a node or a function. What is code stands in backticks.
#[derive(Clone, Debug)]
pub struct ReferenceEntry {
    /// Its name in scripts.
    pub name: &'static str,
    /// How it is called: `rsi(price, timeperiod = 14)`.
    pub signature: String,
    /// What it is.
    pub doc: &'static str,
    /// How it is computed; may be empty.
    pub formula: &'static str,
    /// What it takes besides series.
    pub parameters: Vec<ReferenceParameter>,
    /// What else there is to know, each with its name: what it reads and gives, when its first value
    /// comes, an example, its source.
    pub facts: Vec<(&'static str, String)>,
}

/// A parameter, in words.
#[derive(Clone, Debug)]
pub struct ReferenceParameter {
    /// Its name; one of a record inside is `record.name`.
    pub name: String,
    /// What it accepts, with its range.
    pub takes: String,
    /// Its default in backticks, or `none`, or `required`.
    pub default: String,
    /// What it does.
    pub doc: &'static str,
}

impl ReferenceEntry {
    /// The entry of a Spec. `registry` has the nodes that its defaults may name.
    pub fn new(registry: &Registry, spec: &Spec) -> Self {
        let mut parameters = Vec::new();
        describe_all(&mut parameters, "", spec.parameters);
        let mut facts = Vec::new();
        match spec.inputs {
            Inputs::None => {}
            Inputs::Series(names) => facts.push(("Reads", quoted(names.iter().copied()))),
            Inputs::Bars(fields) => {
                facts.push(("Reads", format!("{} of the bars", quoted(fields.iter().map(|field| field.name())))));
            }
        }
        match spec.outputs {
            [] => {}
            [_] => facts.push(("Gives", "a series".into())),
            names => facts.push(("Gives", quoted(names.iter().copied()))),
        }
        let indicator = registry.indicator(spec.name).filter(|node| node.spec.family == spec.family);
        if let Some(lookback) = indicator.and_then(|node| default_lookback(registry, node)) {
            facts.push(("First value", first_value(lookback, spec.parameters.is_empty())));
        }
        if !spec.example.is_empty() {
            facts.push(("Example", format!("`{}`", spec.example)));
        }
        if !spec.source.is_empty() {
            facts.push(("Source", spec.source.into()));
        }
        let Spec { name, doc, formula, .. } = *spec;
        Self { name, signature: spec.signature(), doc, formula, parameters, facts }
    }
}

/// The lookback of an indicator that nothing but its inputs is given to, where that is allowed.
fn default_lookback(registry: &Registry, node: &IndicatorNode) -> Option<usize> {
    let arguments = bind_record(registry, node.spec.name, node.spec.parameters, Vec::new()).ok()?;
    (node.lookback)(&arguments).ok()
}

fn first_value(lookback: usize, always: bool) -> String {
    let bars = match lookback {
        0 => return "on the first bar".into(),
        1 => return "after 1 bar".into(),
        bars => format!("after {bars} bars"),
    };
    if always { bars } else { format!("{bars}, with the defaults") }
}

/// Each parameter; those of a record follow it as `record.parameter`.
fn describe_all(found: &mut Vec<ReferenceParameter>, prefix: &str, parameters: &[Parameter]) {
    for parameter in parameters {
        let name = format!("{prefix}{}", parameter.name);
        let default = match parameter.presence {
            Presence::Required => "required".into(),
            Presence::Optional => "none".into(),
            Presence::Default(literal) => format!("`{literal}`"),
        };
        let inner = format!("{name}.");
        found.push(ReferenceParameter { name, takes: takes(parameter.kind), default, doc: parameter.doc });
        if let Kind::Record(parameters) | Kind::Records(parameters) | Kind::RecordOrFirst(parameters) = parameter.kind {
            describe_all(found, &inner, parameters);
        }
    }
}

/// What a parameter accepts, with its range.
fn takes(kind: Kind) -> String {
    let percent = |fraction: f64| format!("percent({})", fraction * 100.0);
    match kind {
        Kind::Number(min, max) => format!("a number{}", range(min, max, |value| format!("{value}"))),
        Kind::Percent(min, max) => format!("a proportion{}", range(min, max, percent)),
        Kind::Distance(min, max) => {
            format!("a proportion{}, or a distance in price units as a series", range(min, max, percent))
        }
        Kind::Choice(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", "),
        other => other.describe(),
    }
}

fn range(min: f64, max: f64, show: impl Fn(f64) -> String) -> String {
    match (min > f64::MIN, max < f64::MAX) {
        (true, true) => format!(" from {} to {}", show(min), show(max)),
        (true, false) => format!(" from {}", show(min)),
        (false, true) => format!(" up to {}", show(max)),
        (false, false) => String::new(),
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

//! The reference page: every Spec, written out as Markdown.

use std::collections::BTreeMap;
use std::fmt;

use crate::node::{IndicatorNode, Inputs, Kind, Parameter, Presence, Registry, Spec, bind_record};

/// The families in the order of the page, with a line on each; others follow by name.
const FAMILIES: &[(&str, &str)] = &[
    ("overlap", "Moving averages and bands: what lies over the price."),
    ("momentum", "How fast and how surely the price moves."),
    ("volatility", "How far the price swings."),
    ("volume", "What the units traded say of the price."),
    ("statistic", "Statistics of a window."),
    ("price", "Prices made of the prices of one bar."),
    ("cycle", "Cycles in the price."),
    (
        "pattern",
        "Candlestick patterns. A candle is white where it closes at its open or above, otherwise black; its body lies \
         between the two, its shadows reach from there to the high and the low. A gap is one between bodies.",
    ),
    ("model", "What is trained on the past."),
    ("exit", "What protects an open position."),
    ("size", "How many units are traded."),
    ("strategy", "The record that a script ends with."),
];

/// The reference page in Markdown: an entry for each node of `registry` and for each of `more`
/// (Specs of what is no node, such as the record that a script ends with), by family and name.
pub fn reference(registry: &Registry, more: &[Spec]) -> String {
    let mut families: BTreeMap<(usize, &str), BTreeMap<&str, &Spec>> = BTreeMap::new();
    for spec in registry.specs().chain(more) {
        let place = FAMILIES.iter().position(|(name, _)| *name == spec.family).unwrap_or(FAMILIES.len());
        families.entry((place, spec.family)).or_default().insert(spec.name, spec);
    }
    let mut page = String::from(HEADING);
    for ((_, family), specs) in &families {
        let names: Vec<String> = specs.keys().map(|name| format!("[{name}](#{name})")).collect();
        page.push_str(&format!("- **{family}**: {}\n", names.join(", ")));
    }
    for ((place, family), specs) in &families {
        page.push_str(&format!("\n## {family}\n"));
        if let Some((_, line)) = FAMILIES.get(*place) {
            page.push_str(&format!("\n{line}\n"));
        }
        for spec in specs.values() {
            let indicator = registry.indicator(spec.name).filter(|node| node.spec.family == *family);
            let lookback = indicator.and_then(|node| default_lookback(registry, node));
            page.push_str(&format!("\n{}", SpecEntry { spec, lookback }));
        }
    }
    page
}

const HEADING: &str = "\
# Reference

Everything that a script can call, generated from the Specs that the engine itself checks calls with.
Parameters are given by position after the inputs, or by name in a record: `sma(day.close, 20)` is
`sma(day.close, #{ timeperiod: 20 })`. A parameter with a default may be left out; one with `?` may be
left out and has no value then. `name[1]` in a formula is the value one bar ago.

What reads bars takes them whole, `atr(day, 14)`, or each column as a series of its own,
`atr(day.high, day.low, day.close, 14)`. What gives several outputs is asked for one by name:
`macd(day.close).macdhist`. A bar on which an input is not known is passed over.

";

/// The lookback of an indicator that nothing but its inputs is given to, where that is allowed.
fn default_lookback(registry: &Registry, node: &IndicatorNode) -> Option<usize> {
    let arguments = bind_record(registry, node.spec.name, node.spec.parameters, Vec::new()).ok()?;
    (node.lookback)(&arguments).ok()
}

struct SpecEntry<'a> {
    spec: &'a Spec,
    lookback: Option<usize>,
}

impl fmt::Display for SpecEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spec, lookback } = self;
        writeln!(f, "### {}\n\n```rhai\n{}\n```\n\n{}", spec.name, spec.signature(), spec.doc)?;
        if !spec.formula.is_empty() {
            writeln!(f, "\n> {}", spec.formula)?;
        }
        if !spec.parameters.is_empty() {
            writeln!(f, "\n| parameter | takes | default | |\n| --- | --- | --- | --- |")?;
            write_rows(f, "", spec.parameters)?;
        }
        writeln!(f)?;
        match spec.inputs {
            Inputs::None => {}
            Inputs::Series(names) => writeln!(f, "- Reads: {}", quoted(names.iter().copied()))?,
            Inputs::Bars(fields) => {
                writeln!(f, "- Reads: {} of the bars", quoted(fields.iter().map(|field| field.name())))?;
            }
        }
        match spec.outputs {
            [] => {}
            [_] => writeln!(f, "- Gives: a series")?,
            names => writeln!(f, "- Gives: {}", quoted(names.iter().copied()))?,
        }
        match lookback {
            None => {}
            Some(0) => writeln!(f, "- First value: on the first bar")?,
            Some(1) => writeln!(f, "- First value: after 1 bar")?,
            Some(bars) if spec.parameters.is_empty() => writeln!(f, "- First value: after {bars} bars")?,
            Some(bars) => writeln!(f, "- First value: after {bars} bars, with the defaults")?,
        }
        if !spec.example.is_empty() {
            writeln!(f, "- Example: `{}`", spec.example)?;
        }
        if !spec.source.is_empty() {
            writeln!(f, "- Source: {}", spec.source)?;
        }
        Ok(())
    }
}

/// A row of the table for each parameter; those of a record follow it as `record.parameter`.
fn write_rows(f: &mut fmt::Formatter<'_>, prefix: &str, parameters: &[Parameter]) -> fmt::Result {
    for parameter in parameters {
        let name = format!("{prefix}{}", parameter.name);
        let default = match parameter.presence {
            Presence::Required => "required".into(),
            Presence::Optional => "none".into(),
            Presence::Default(literal) => format!("`{literal}`"),
        };
        let (takes, doc) = (cell(&takes(parameter.kind)), cell(parameter.doc));
        writeln!(f, "| `{name}` | {takes} | {} | {doc} |", cell(&default))?;
        if let Kind::Record(inner) = parameter.kind {
            write_rows(f, &format!("{name}."), inner)?;
        }
    }
    Ok(())
}

/// What a parameter accepts, with its range.
fn takes(kind: Kind) -> String {
    let percent = |fraction: f64| format!("percent({})", fraction * 100.0);
    match kind {
        Kind::Number(min, max) => format!("a number{}", range(min, max, |value| format!("{value}"))),
        Kind::Percent(min, max) => format!("a proportion{}", range(min, max, percent)),
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

/// Text that does not end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: &[Parameter] = &[Parameter::percent("part", 0.5, 0.0, 1.0, "A part.")];

    const SPEC: Spec = Spec {
        name: "thing",
        family: "strategy",
        doc: "A thing.",
        formula: "",
        inputs: Inputs::None,
        parameters: &[
            Parameter::required("price", Kind::Series, "A price."),
            Parameter::choice("word", &["a", "b"], "Either a|b."),
            Parameter::number("factor", 2.0, 0.0, f64::MAX, "A factor."),
            Parameter::record("inner", INNER, "More."),
        ],
        outputs: &["x", "y"],
        example: "thing(close)",
        source: "Nobody.",
    };

    #[test]
    fn an_entry_says_everything_that_the_spec_does() {
        let page = reference(&Registry::new(), &[SPEC]);
        let entry = page.split_once("## strategy\n").unwrap().1;
        let expected = "
The record that a script ends with.

### thing

```rhai
thing(price, word = \"a\", factor = 2.0, inner?)
```

A thing.

| parameter | takes | default | |
| --- | --- | --- | --- |
| `price` | a series | required | A price. |
| `word` | `\"a\"`, `\"b\"` | `\"a\"` | Either a\\|b. |
| `factor` | a number from 0 | `2.0` | A factor. |
| `inner` | a record | `#{}` | More. |
| `inner.part` | a proportion from percent(0) to percent(100) | `percent(50)` | A part. |

- Gives: `x`, `y`
- Example: `thing(close)`
- Source: Nobody.
";
        assert_eq!(entry, expected);
        assert!(page.contains("- **strategy**: [thing](#thing)\n"));
    }
}

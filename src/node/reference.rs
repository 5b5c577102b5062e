//! The reference page: every Spec, written out as Markdown.

use std::collections::BTreeMap;
use std::fmt;

use crate::node::{ReferenceEntry, Registry, Spec};

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
    ("sizer", "How many units are traded."),
    ("strategy", "The record that a script ends with."),
];

/// A part of the reference.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its name, as in [`Spec::family`].
    pub name: &'static str,
    /// A line on what it holds; may be empty.
    pub doc: &'static str,
    /// What it holds, by name.
    pub entries: Vec<ReferenceEntry>,
}

/// The reference as data: an entry for each node of `registry` and for each of `more` (Specs of what
/// is no node, such as the record that a script ends with), by family and name.
pub fn families(registry: &Registry, more: &[Spec]) -> Vec<Family> {
    let mut families: BTreeMap<(usize, &'static str), BTreeMap<&str, &Spec>> = BTreeMap::new();
    for spec in registry.specs().chain(more) {
        let place = FAMILIES.iter().position(|(name, _)| *name == spec.family).unwrap_or(FAMILIES.len());
        families.entry((place, spec.family)).or_default().insert(spec.name, spec);
    }
    let family = |((place, name), specs): ((usize, &'static str), BTreeMap<&str, &Spec>)| Family {
        name,
        doc: FAMILIES.get(place).map_or("", |(_, line)| line),
        entries: specs.values().map(|spec| ReferenceEntry::new(registry, spec)).collect(),
    };
    families.into_iter().map(family).collect()
}

/// The reference page in Markdown.
pub fn reference(families: &[Family]) -> String {
    let mut page = String::from(HEADING);
    for Family { name, entries, .. } in families {
        let names: Vec<String> = entries.iter().map(|entry| format!("[{0}](#{0})", entry.name)).collect();
        page.push_str(&format!("- **{name}**: {}\n", names.join(", ")));
    }
    for Family { name, doc, entries } in families {
        page.push_str(&format!("\n## {name}\n"));
        if !doc.is_empty() {
            page.push_str(&format!("\n{doc}\n"));
        }
        for entry in entries {
            page.push_str(&format!("\n{}", Markdown(entry)));
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

struct Markdown<'a>(&'a ReferenceEntry);

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReferenceEntry { name, signature, doc, formula, parameters, facts, .. } = self.0;
        writeln!(f, "### {name}\n\n```rhai\n{signature}\n```\n\n{doc}")?;
        if !formula.is_empty() {
            writeln!(f, "\n> {formula}")?;
        }
        if !parameters.is_empty() {
            writeln!(f, "\n| parameter | takes | default | |\n| --- | --- | --- | --- |")?;
        }
        for parameter in parameters {
            let (takes, default, doc) = (cell(&parameter.takes), cell(&parameter.default), cell(parameter.doc));
            writeln!(f, "| `{}` | {takes} | {default} | {doc} |", parameter.name)?;
        }
        writeln!(f)?;
        facts.iter().try_for_each(|(name, fact)| writeln!(f, "- {name}: {fact}"))
    }
}

/// Text that does not end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{Inputs, Kind, Parameter};

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
        let page = reference(&families(&Registry::new(), &[SPEC]));
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

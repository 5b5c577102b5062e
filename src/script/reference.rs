//! The reference, whole: every node, and the functions of the language.

use std::fmt::Write;

use crate::node::{Family, ReferenceEntry, Registry, families, reference};
use crate::script::{Function, functions};
use crate::strategy::STRATEGY;

/// What a script can call, as data: the nodes of `registry` by family, then the functions of the
/// language.
///
/// A name may stand in it twice: `percent` is a sizer, and a function.
pub fn reference_families(registry: &Registry) -> Vec<Family> {
    let mut families = families(registry, &[STRATEGY]);
    families.push(language());
    families
}

/// `docs/reference.md`: the same, in Markdown.
pub fn reference_page(registry: &Registry) -> String {
    let mut page = reference(&families(registry, &[STRATEGY]));
    let Family { name, doc, entries } = language();
    let _ = write!(page, "\n## {name}\n\n{doc}\n\n| call | gives |\n| --- | --- |\n");
    for entry in entries {
        let _ = writeln!(page, "| `{}` | {} |", entry.signature.replace('|', "\\|"), entry.doc.replace('|', "\\|"));
    }
    page
}

fn language() -> Family {
    let entry = |function: &Function| ReferenceEntry {
        name: function.name,
        signature: function.signature.into(),
        doc: function.doc,
        formula: "",
        parameters: Vec::new(),
        facts: Vec::new(),
    };
    Family { name: "language", doc: LANGUAGE, entries: functions().iter().map(entry).collect() }
}

const LANGUAGE: &str = "\
What is no node: functions of the language itself. Operators on series: `+ - * / % **`, `> >= < <= == !=`; on
conditions: `and`, `or`, `!`. `close[1]` is the value one bar ago, of a series or a condition, on its own timeframe. A
comparison with a value that is not known is false.";

//! The reference, whole: every node, the functions of the language, and the figures of a position.

use std::fmt::Write;

use crate::expr::PositionFigure;
use crate::node::{Family, ReferenceEntry, Registry, families, reference};
use crate::script::across;
use crate::script::external;
use crate::script::functions::{FUNCTIONS, Function};
use crate::strategy::STRATEGY;

/// What a script can call, as data: the nodes of `registry` by family, then the functions of the
/// language, those that compare instruments, and the figures of the open position.
///
/// A name may stand in it twice: `percent` is a sizer, and a function.
pub fn reference_families(registry: &Registry) -> Vec<Family> {
    let mut families = families(registry, &[STRATEGY]);
    families.push(language());
    families.push(universe());
    families.push(position());
    families
}

/// `docs/reference.md`: the same, in Markdown.
pub fn reference_page(registry: &Registry) -> String {
    let mut page = reference(&families(registry, &[STRATEGY]));
    for Family { name, doc, entries } in [language(), universe()] {
        let _ = write!(page, "\n## {name}\n\n{doc}\n\n| call | gives |\n| --- | --- |\n");
        for entry in entries {
            let (signature, doc) = (entry.signature.replace('|', "\\|"), entry.doc.replace('|', "\\|"));
            let _ = writeln!(page, "| `{signature}` | {doc} |");
        }
    }
    let Family { name, doc, entries } = position();
    let _ = write!(page, "\n## {name}\n\n{doc}\n\n| figure | what it is |\n| --- | --- |\n");
    for entry in entries {
        let _ = writeln!(page, "| `{}` | {} |", entry.signature, entry.doc);
    }
    page
}

/// The figures of the open position.
fn position() -> Family {
    let entry = |figure: PositionFigure| ReferenceEntry {
        name: figure.name(),
        signature: format!("position.{}", figure.name()),
        doc: figure.doc(),
        formula: "",
        parameters: Vec::new(),
        facts: Vec::new(),
    };
    Family { name: "position", doc: POSITION, entries: PositionFigure::ALL.map(entry).into() }
}

const POSITION: &str = "\
The open position, at a bar's close; at the fill, for a size and for what exits are asked then. Exits and sizes may read it:
`exit_when(position.bars_held > 5 and position.profit < 0)`.";

fn language() -> Family {
    Family {
        name: "language",
        doc: LANGUAGE,
        entries: FUNCTIONS.iter().chain([&external::FUNCTION]).map(entry).collect(),
    }
}

/// The functions that compare instruments.
fn universe() -> Family {
    Family { name: "universe", doc: UNIVERSE, entries: across::FUNCTIONS.iter().map(entry).collect() }
}

fn entry(function: &Function) -> ReferenceEntry {
    ReferenceEntry {
        name: function.name,
        signature: function.signature.into(),
        doc: function.doc,
        formula: "",
        parameters: Vec::new(),
        facts: Vec::new(),
    }
}

const UNIVERSE: &str = "\
Functions that compare the instruments of the universe with each other. On each bar, every instrument counts with its value on
the last of its bars that has closed by then: of one whose bar closes later, on the bar before. Left out are instruments whose
value is not known, that have no bar yet, or whose last bar closed longer ago than its timeframe and ten days: they have ended,
or pause. The order in which the universe names them changes nothing. They take a series of any timeframe, and give one:
`top(2, roc(month.close, 6))`, `rank(demean(rsi(day.close, 14)))`.";

const LANGUAGE: &str = "\
What is no node: functions of the language itself. Operators on series: `+ - * / % **`, `> >= < <= == !=`; on
conditions: `and`, `or`, `!`. `close[1]` is the value one bar ago, of a series or a condition, on its own timeframe. A
comparison with a value that is not known is false.";

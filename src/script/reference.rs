//! The reference page, whole: the functions of the language, then every node.

use std::fmt::Write;

use crate::node::{Registry, reference};
use crate::script::functions;
use crate::strategy::STRATEGY;

/// `docs/reference.md`: what a script can call, in Markdown, with the nodes of `registry`.
pub fn reference_page(registry: &Registry) -> String {
    let mut page = reference(registry, &[STRATEGY]);
    page.push_str(
        "\n## language\n\nWhat is no node: functions of the language itself.\n\n| call | gives |\n| --- | --- |\n",
    );
    for function in functions() {
        let _ =
            writeln!(page, "| `{}` | {} |", function.signature.replace('|', "\\|"), function.doc.replace('|', "\\|"));
    }
    page.push_str(OPERATORS);
    page
}

const OPERATORS: &str = "
Operators on series: `+ - * / % **`, `> >= < <= == !=`; on conditions: `and`, `or`, `!`. `close[1]` is the value one bar
ago, of a series or a condition, on its own timeframe. A comparison with a value that is not known is false.
";

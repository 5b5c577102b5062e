//! `runner definitions`: what an editor learns of the language.

use std::collections::BTreeSet;

use timeweave::node::Inputs;
use timeweave::script::{definitions, functions};
use timeweave::standard_registry;

use super::Desk;

/// Words that are no names for the language server.
const KEYWORDS: [&str; 22] = [
    "let", "const", "if", "else", "switch", "do", "while", "until", "loop", "for", "in", "continue", "break", "return",
    "throw", "import", "export", "as", "fn", "private", "this", "module",
];

/// The definitions of a text: the comment above each, and its line.
fn items(text: &str) -> Vec<(Vec<&str>, &str)> {
    let mut found = Vec::new();
    let mut comment = Vec::new();
    for line in text.lines() {
        if line.starts_with("///") {
            comment.push(line);
        } else if !line.is_empty() {
            found.push((std::mem::take(&mut comment), line));
        }
    }
    found
}

/// A line of the form that the language server's grammar has: `fn`, `op` or `type`.
fn assert_well_formed(line: &str) {
    let inner = line.strip_suffix(';').unwrap_or_else(|| panic!("no `;`: {line}"));
    let mut open = Vec::new();
    for character in inner.replace("->", "").chars() {
        match character {
            '(' | '[' | '{' => open.push(character),
            ')' => assert_eq!(open.pop(), Some('('), "{line}"),
            ']' => assert_eq!(open.pop(), Some('['), "{line}"),
            '}' => assert_eq!(open.pop(), Some('{'), "{line}"),
            ' ' | ',' | ':' | '|' | '?' | '#' | '_' | '=' => {}
            other => assert!(other.is_ascii_alphanumeric(), "`{other}` in {line}"),
        }
    }
    assert!(open.is_empty(), "{line}");
    if line.starts_with("fn ") {
        let (head, rest) = inner.split_once('(').unwrap();
        let (arguments, gives) = rest.rsplit_once(") -> ").unwrap_or((rest.trim_end_matches(')'), "?"));
        assert!(head.split_whitespace().count() == 2 || head.starts_with("fn get "), "{line}");
        assert!(!gives.is_empty() && !arguments.contains("->"), "{line}");
    }
}

#[test]
fn every_node_and_function_is_defined_with_its_doc() {
    let desk = Desk::new();
    let told = desk.done("definitions there/deep");
    assert!(told.stdout.starts_with("there/deep/timeweave.d.rhai: written\n"), "{}", told.stdout);
    let text = desk.text("there/deep/timeweave.d.rhai");
    let registry = standard_registry().unwrap();
    assert_eq!(text, definitions(&registry));
    desk.done("definitions there/deep");
    desk.done("definitions");
    assert_eq!(desk.text("definitions/timeweave.d.rhai"), text);

    let items = items(&text);
    assert_eq!(items[0], (vec![], "module static;"));
    let mut defined = BTreeSet::new();
    for (comment, line) in &items[1..] {
        assert!(!comment.is_empty(), "no doc: {line}");
        assert_well_formed(line);
        let name = line.split_once('(').map_or(*line, |(name, _)| name);
        assert!(defined.insert(name), "{name} stands in it twice");
    }
    for spec in registry.specs() {
        let name = format!("fn {}", spec.name);
        assert!(defined.contains(name.as_str()), "{name}");
        let (comment, line) = items.iter().find(|(_, line)| line.starts_with(&format!("{name}("))).unwrap();
        // The sizer `percent` is the function of that name.
        if spec.name == "percent" {
            continue;
        }
        assert_eq!(comment[0], format!("/// `{}`", spec.signature()));
        assert!(comment.iter().any(|text| text.contains(spec.doc)), "{name}");
        for parameter in spec.parameters {
            assert!(line.contains(&format!("{}: ", parameter.name)), "{line}");
            assert!(!KEYWORDS.contains(&parameter.name), "{line}");
        }
        if let Inputs::Series(names) = spec.inputs {
            assert!(names.iter().all(|input| line.contains(&format!("{input}: Series"))), "{line}");
        }
    }
    for function in functions() {
        assert!(defined.contains(format!("fn {}", function.name).as_str()), "{}", function.name);
    }
    let shown = ["fn rsi(", "fn bbands(", "fn atr(", "fn lstm(", "fn dynamic_weight(", "fn stop_loss(", "fn strategy("];
    let more = ["fn param(", "fn select(", "fn get close(", "op and(", "type Series", "fn crosses_above(", "fn abs("];
    let mut drawn = String::new();
    for head in shown.into_iter().chain(more) {
        let (comment, line) = items.iter().find(|(_, line)| line.starts_with(head)).unwrap();
        drawn += &format!("{}\n{line}\n\n", comment.join("\n"));
    }
    insta::assert_snapshot!("definitions", drawn);
}

#[test]
fn what_is_rhais_own_is_there() {
    let desk = Desk::new();
    desk.write(
        "own.rhai",
        "let rounded = 0;\n\
         for n in range(1, 4) { rounded += to_int(round(to_float(n))); }\n\
         print(to_string(rounded)); debug(len([1, 2]));\n\
         strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: bars(\"1d\").close > rounded } })\n",
    );
    let told = desk.done("explain own.rhai");
    assert!(told.stderr.starts_with("6\n") && told.stderr.trim_end().ends_with('2'), "{}", told.stderr);
}

#[test]
fn definitions_beside_scripts_are_no_scripts() {
    let desk = Desk::new();
    desk.done("definitions strategies");
    let told = desk.done("snapshot strategies");
    assert!(!told.stdout.contains("timeweave.d"), "{}", told.stdout);
}

//! `runner nodes`: what a script can call, listed, searched, in full.

use std::fmt::Write;

use timeweave::script::reference_families;
use timeweave::standard_registry;

use super::Desk;

#[test]
fn everything_that_a_script_can_call_is_listed_once_a_family() {
    let listing = Desk::new().done("nodes").stdout;
    let mut lines = listing.lines();
    for family in reference_families(&standard_registry().unwrap()) {
        let head = lines.find(|line| !line.is_empty()).unwrap();
        assert!(head.starts_with(&format!("{}: ", family.name)), "{head}");
        let mut lines = lines.by_ref().skip_while(|line| !line.starts_with("  "));
        for entry in family.entries {
            let line = lines.next().unwrap();
            assert!(line.starts_with(&format!("  {} ", entry.name)), "{line}: {}", entry.name);
            assert!(line.chars().count() <= 80 && line.len() > entry.name.len() + 8, "{line}");
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn a_name_is_shown_in_full_and_words_are_looked_for() {
    let desk = Desk::new();
    let mut all = String::new();
    for line in [
        "nodes rsi",
        "nodes ATR",
        "nodes percent",
        "nodes crosses_above",
        "nodes bbands",
        "nodes trailing_stop",
        "nodes lstm",
        "nodes Bollinger",
        "nodes least squares",
        "nodes exit",
    ] {
        let _ = writeln!(all, "$ runner {line}\n{}", desk.done(line).stdout);
    }
    for line in ["nodes rsii", "nodes qqqqq", "nodes least squirrels", "rsi"] {
        let _ = writeln!(all, "$ runner {line}\n{}", desk.refused(line, 1));
    }
    insta::assert_snapshot!("nodes", all);
}

#[test]
fn help_is_there_for_commands_and_for_names() {
    let desk = Desk::new();
    for name in ["rsi", "moving average"] {
        assert_eq!(desk.done(&format!("help {name}")).stdout, desk.done(&format!("nodes {name}")).stdout);
    }
    assert_eq!(desk.done("help").stdout, desk.done("--help").stdout);
    assert_eq!(desk.done("help check").stdout, desk.done("check --help").stdout);
    assert!(desk.done("help help").stdout.contains("Usage: runner help"));
    let mut all = String::new();
    for (line, code) in [("help rsii", 1), ("help chekc", 1), ("help qqqqq", 1), ("help data importt", 2)] {
        let _ = writeln!(all, "$ runner {line}\n{}", desk.refused(line, code));
    }
    insta::assert_snapshot!("help_of_names", all);
}

#[test]
fn every_entry_is_shown_with_all_that_the_reference_page_has() {
    let desk = Desk::new();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for family in reference_families(&standard_registry().unwrap()).iter().filter(|family| family.name != "pattern") {
        for entry in &family.entries {
            let page = squeezed(&desk.done(&format!("nodes {}", entry.name)).stdout);
            let parameters = entry.parameters.iter().flat_map(|p| [p.name.as_str(), p.takes.as_str(), p.doc]);
            let facts = entry.facts.iter().flat_map(|(name, fact)| [*name, fact.as_str()]);
            for part in [entry.signature.as_str(), entry.doc, entry.formula].into_iter().chain(parameters).chain(facts)
            {
                assert!(page.contains(&squeezed(part)), "{}: {part}\n{page}", entry.name);
            }
        }
    }
}

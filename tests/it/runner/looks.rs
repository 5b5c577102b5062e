//! How pages are shown and what is told beside them: colour, words, stages.

use super::super::report::are_what_the_schemas_say;
use super::{Desk, Told};

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let desk = Desk::new();
    let page = desk.done("strategies/sma_cross.rhai").stdout;
    assert!(!page.contains('\u{1b}'));
    assert_eq!(desk.done("strategies/sma_cross.rhai --color never").stdout, page);
    let always = desk.done("strategies/sma_cross.rhai --color always").stdout;
    assert!(always.contains("\u{1b}[32m"));
    assert_eq!(console::strip_ansi_codes(&always), page);
    assert_eq!(desk.done("strategies/sma_cross.rhai --colour always").stdout, always);
    // What is asked for counts more than what is set.
    let told =
        Told::of(desk.command("strategies/sma_cross.rhai --color=always").env("NO_COLOR", "1").output().unwrap());
    assert_eq!(told.stdout, always);
    let plain = desk.done("strategies/sma_cross.rhai --plain --color always").stdout;
    assert!(
        plain.is_ascii() && !plain.contains('\u{1b}') && plain.contains("\nequity: from 100,000.00 to "),
        "{plain}"
    );
}

#[test]
fn stages_are_told_as_they_are_asked_for() {
    let desk = Desk::new();
    let stages = |line: &str, filter: &str| {
        let told = Told::of(desk.command(line).env("RUST_LOG", filter).output().unwrap());
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        // How long a stage took is no matter of tests.
        told.stderr.lines().map(|line| line.get(13..).unwrap_or(line).to_owned()).collect::<Vec<_>>()
    };
    let all = ["script", "plan", "load", "columns", "backtest", "metrics", "report"];
    assert_eq!(stages("strategies/sma_cross.rhai -v --out told", ""), all);
    assert_eq!(stages("strategies/sma_cross.rhai", "info"), all);
    assert_eq!(stages("strategies/sma_cross.rhai", "timeweave::report=info"), ["report"]);
    let more = stages("strategies/sma_cross.rhai -vv", "");
    assert!(more.contains(&"  bars us_equities/AAPL at 1d".to_owned()), "{more:?}");
    assert!(more.contains(&"  file metrics.json".to_owned()), "{more:?}");
    assert_eq!(stages("strategies/sma_cross.rhai -q", ""), Vec::<String>::new());
    let told = desk.run("strategies/sma_cross.rhai -q -v");
    assert_eq!(told.code, Some(2));
    let wrong = Told::of(desk.command("strategies/sma_cross.rhai").env("RUST_LOG", "timeweave=loud").output().unwrap());
    assert!(
        wrong.code == Some(0) && wrong.stderr.starts_with("RUST_LOG is `timeweave=loud`, which names no"),
        "{}",
        wrong.stderr
    );
    // Nothing of it reaches what a run leaves.
    super::assert_same(&desk.files("told"), &desk.files("runs/sma_cross"));
}

#[test]
fn the_examples_leave_what_the_schemas_say() {
    let desk = Desk::new();
    let mut examples = 0;
    for entry in std::fs::read_dir(desk.path("strategies")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".rhai") else { continue };
        desk.done(&format!("strategies/{name}.rhai --quiet"));
        are_what_the_schemas_say(&desk.path(&format!("runs/{name}")));
        examples += 1;
    }
    assert!(examples >= 12, "{examples}");
}

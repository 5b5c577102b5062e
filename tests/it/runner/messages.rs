//! What a person is told where the strategy, the data or a folder is wrong: stderr, exit code 1.

use std::fmt::Write;
use std::fs;

use super::Desk;

#[test]
fn whatever_is_wrong_is_named_with_what_to_do() {
    let desk = Desk::new();
    let sma = desk.text("strategies/sma_cross.rhai");
    desk.write("empty.rhai", "");
    desk.write("latin1.rhai", b"// caf\xe9\n");
    desk.write("typo.rhai", sma.replace("sma(close, fast)", "smaa(close, fast)"));
    desk.write("typo_marked.rhai", "\u{feff}let day = bars(\"1d\");\r\nlet quick = smaa(day.close, 3);\r\n");
    desk.write("symbol.rhai", sma.replace("us_equities/AAPL", "us_equities/APPL"));
    desk.write("dataset.rhai", sma.replace("us_equities/AAPL", "us_equites/AAPL"));
    desk.write("file", "");
    fs::create_dir(desk.path("nothing")).unwrap();
    fs::create_dir_all(desk.path("taken/report.html/inside")).unwrap();
    let mut all = String::new();
    for line in [
        "strategies/sma_crosss.rhai",
        "strategy/sma_cross.rhai",
        "explian",
        "somewhere/else.rhai",
        "strategies",
        "nothing",
        "empty.rhai",
        "latin1.rhai",
        "typo.rhai",
        "typo_marked.rhai",
        "symbol.rhai",
        "dataset.rhai",
        "strategies/sma_cross.rhai --set fsat=10",
        "strategies/sma_cross.rhai --set fast=1",
        "strategies/sma_cross.rhai --set fast=10.5",
        "strategies/sma_cross.rhai --datasets elsewhere",
        "strategies/sma_cross.rhai --datasets nothing",
        "strategies/sma_cross.rhai --out file",
        "strategies/sma_cross.rhai --out file/below",
        "strategies/sma_cross.rhai --out taken",
        "train strategies/sma_cross.rhai",
        "backtest strategies/mtf_lstm.rhai",
        "explain typo.rhai",
        "snapshot nothing",
        "snapshot nowhere.rhai",
        "snapshot typo.rhai --check",
        "data show us_equities/APPL",
        "data list --datasets elsewhere",
    ] {
        let _ = writeln!(all, "$ runner {line}\n{}", desk.refused(line, 1));
    }
    insta::assert_snapshot!("messages", all);
}

#[test]
fn there_are_no_colours_in_what_is_piped() {
    let desk = Desk::new();
    for line in ["strategies/sma_crosss.rhai", "strategies/sma_cross.rhai", "--help", "--nonsense"] {
        let plain = desk.command(line).output().unwrap();
        for (variable, value) in [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "3")] {
            let told = desk.command(line).env(variable, value).output().unwrap();
            assert_eq!(told, plain, "{variable} and runner {line}");
        }
        assert!(!plain.stdout.contains(&0x1b) && !plain.stderr.contains(&0x1b), "runner {line}");
    }
}

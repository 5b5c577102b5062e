//! What may be typed: help, usage errors, exit code 2.

use std::fmt::Write;

use super::Desk;

#[test]
fn every_subcommand_has_its_help() {
    let desk = Desk::new();
    let mut all = String::new();
    for line in [
        "",
        "train",
        "backtest",
        "explain",
        "snapshot",
        "new",
        "params",
        "watch",
        "nodes",
        "definitions",
        "prove",
        "compare",
        "report",
        "data",
        "data check",
        "data fetch",
        "data import",
        "data import-series",
        "data list",
        "data show",
        "data synth",
        "data synth garch",
        "data record",
    ] {
        let told = desk.done(&format!("{line} --help"));
        assert_eq!(told.stderr, "", "{line}");
        let _ = writeln!(all, "$ runner {line} --help\n{}", told.stdout);
    }
    insta::assert_snapshot!("help", all);
    assert_eq!(desk.done("--version").stdout, concat!("runner ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn alone_it_shows_its_help_and_counts_as_misused() {
    // A script that runs `runner $STRATEGY` with nothing in the variable must not take it for done.
    let told = Desk::new().refused("", 2);
    assert!(told.contains("Usage: runner [OPTIONS] <SCRIPT>") && told.contains("Commands:"), "{told}");
}

#[test]
fn a_wrong_command_line_is_told_so_and_runs_nothing() {
    let desk = Desk::new();
    let mut all = String::new();
    for line in [
        "--threads 2",
        "--json",
        "--threads 0 strategies/sma_cross.rhai",
        "strategies/sma_cross.rhai --threads many",
        "strategies/sma_cross.rhai --device gpu",
        "strategies/sma_cross.rhai --set fast",
        "strategies/sma_cross.rhai --set fast=abc",
        "strategies/sma_cross.rhai --set =1",
        "strategies/sma_cross.rhai --set fast=inf",
        "strategies/sma_cross.rhai strategies/sma_cross.rhai",
        "strategies/sma_cross.rhai --quite",
        "train strategies/mtf_lstm.rhai --json",
        "backtest strategies/mtf_lstm.rhai --retrain",
        "explain strategies/mtf_lstm.rhai --out there",
        "explain",
        "snapshot",
        "new",
        "new mine --template breakout",
        "params",
        "watch",
        "definitions one two",
        "data",
        "--quiet train strategies/mtf_lstm.rhai",
    ] {
        let _ = writeln!(all, "$ runner {line}\n{}", desk.refused(line, 2));
    }
    assert!(!desk.path("runs").exists());
    insta::assert_snapshot!("usage", all);
}

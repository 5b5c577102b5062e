//! `runner snapshot`.

use std::process::Command;

use super::{Desk, Told};

#[test]
fn what_was_written_down_is_checked() {
    let desk = Desk::new();
    let line = "snapshot strategies/sma_cross.rhai strategies/rsi_reversion.rhai";
    let missing = desk.run(&format!("{line} --check"));
    assert_eq!(missing.code, Some(1));
    assert!(missing.stdout.starts_with("strategies/sma_cross.snap: not there\n"), "{}", missing.stdout);
    assert!(!desk.path("strategies/sma_cross.snap").exists(), "a check writes nothing");

    let written = desk.done(line);
    assert_eq!(written.stdout, "strategies/sma_cross.snap: written\nstrategies/rsi_reversion.snap: written\n");
    let same = "strategies/sma_cross.snap: as it was\nstrategies/rsi_reversion.snap: as it was\n";
    assert_eq!(desk.done(&format!("{line} --check")).stdout, same);
    assert_eq!(desk.done(line).stdout, same);
    // From elsewhere and under another name of the folder, the same bytes.
    assert_eq!(desk.done("snapshot ./strategies/../strategies/sma_cross.rhai --check").stderr, "");

    let before = desk.read("strategies/sma_cross.snap");
    let script = desk.text("strategies/sma_cross.rhai");
    desk.write("strategies/sma_cross.rhai", script.replace("percent(95)", "percent(90)"));
    let changed = desk.run(&format!("{line} --check"));
    assert_eq!(changed.code, Some(1));
    assert!(changed.stdout.contains("-size percent(fraction = percent(95))\n"), "{}", changed.stdout);
    assert!(changed.stdout.contains("+size percent(fraction = percent(90))\n"), "{}", changed.stdout);
    assert!(changed.stdout.ends_with("strategies/rsi_reversion.snap: as it was\n"));
    assert!(changed.stderr.contains("of 2 strategies, 1 differs"), "{}", changed.stderr);
    assert!(desk.read("strategies/sma_cross.snap") == before, "a check writes nothing");
}

#[test]
fn the_example_strategies_do_what_was_written_down() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["snapshot", "strategies/", "--check"]);
    let told = Told::of(command.output().unwrap());
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let names = [
        "hourly_lstm",
        "inverse_volatility",
        "macro_filter",
        "momentum_rotation",
        "mtf_lstm",
        "pair",
        "relative_strength",
        "rsi_reversion",
        "scan_supertrend",
        "sma_cross",
        "walk_forward_lstm",
        "weekly_trend_daily_entry",
    ];
    let expected: String = names.iter().map(|name| format!("strategies/{name}.snap: as it was\n")).collect();
    assert_eq!(told.stdout, expected);
}

//! Runs of a strategy without a model: files, flags, folders, pipes.

use std::fs::{self, File};
use std::process::Stdio;

use serde_json::Value;

use super::{Desk, Told, assert_same, names};

const FILES: [&str; 7] =
    ["equity.parquet", "metrics.json", "report.html", "run.json", "script.rhai", "signals.parquet", "trades.csv"];

#[test]
fn a_run_prints_a_page_and_leaves_its_files() {
    let desk = Desk::new();
    let told = desk.done("strategies/sma_cross.rhai");
    assert_eq!(told.stderr, "");
    assert_eq!(names(&desk.files("runs/sma_cross")), FILES);
    assert!(told.stdout.starts_with("sma_cross: us_equities/AAPL at 1d\n  fast = 20, slow = 100\n"), "{}", told.stdout);
    assert!(told.stdout.contains("buy and hold"));
    for file in FILES {
        assert!(told.stdout.contains(&format!("  runs/sma_cross/{file}\n")), "{file}\n{}", told.stdout);
    }
    // A second run, on another number of threads, leaves the same bytes and nothing beside them.
    let first = desk.files("runs/sma_cross");
    desk.done("strategies/sma_cross.rhai --threads 1");
    assert_same(&first, &desk.files("runs/sma_cross"));
    desk.done("--threads 2 --out there/deep strategies/sma_cross.rhai");
    assert_same(&first, &desk.files("there/deep"));
    assert_eq!(fs::read_dir(desk.path("runs")).unwrap().count(), 1);
}

#[test]
fn json_is_metrics_json_and_quiet_is_quiet() {
    let desk = Desk::new();
    let told = desk.done("strategies/sma_cross.rhai --json");
    assert_eq!(told.stderr, "");
    assert_eq!(told.stdout, desk.text("runs/sma_cross/metrics.json"));
    let metrics: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(metrics["trades"].as_u64(), Some(17), "{metrics}");

    let quiet = desk.done("strategies/sma_cross.rhai --quiet --out quiet");
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(names(&desk.files("quiet")), FILES);
    assert_eq!(desk.done("strategies/sma_cross.rhai -q --json").stdout, told.stdout);
}

#[test]
fn a_parameter_that_is_set_counts_and_the_last_of_a_name_holds() {
    let desk = Desk::new();
    let page = desk.done("strategies/sma_cross.rhai --set fast=5 --set slow=50 --set fast=10").stdout;
    assert!(page.contains("\n  fast = 10, slow = 50\n"), "{page}");
    let run: Value = serde_json::from_str(&desk.text("runs/sma_cross/run.json")).unwrap();
    assert_eq!((&run["parameters"]["fast"], &run["parameters"]["slow"]), (&10.0.into(), &50.0.into()));
    // The same as written into the script.
    let edited = desk.text("strategies/sma_cross.rhai").replace("\"fast\", 20", "\"fast\", 10");
    desk.write("strategies/edited.rhai", edited.replace("\"slow\", 100", "\"slow\", 50"));
    desk.done("strategies/edited.rhai");
    assert!(desk.read("runs/edited/trades.csv") == desk.read("runs/sma_cross/trades.csv"));
    desk.done("strategies/sma_cross.rhai");
    assert!(desk.read("runs/edited/trades.csv") != desk.read("runs/sma_cross/trades.csv"));
}

#[test]
fn a_run_is_the_same_from_any_folder_and_with_any_line_ends() {
    let desk = Desk::new();
    desk.done("strategies/weekly_trend_daily_entry.rhai");
    let expected = desk.files("runs/weekly_trend_daily_entry");

    let elsewhere = tempfile::tempdir().unwrap();
    let line = format!(
        "{} --datasets {}",
        desk.path("strategies/weekly_trend_daily_entry.rhai").display(),
        desk.path("datasets").display()
    );
    let told = Told::of(desk.command(&line).current_dir(elsewhere.path()).output().unwrap());
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let script = desk.text("strategies/weekly_trend_daily_entry.rhai");
    fs::create_dir(desk.path("windows")).unwrap();
    desk.write("windows/weekly_trend_daily_entry.rhai", format!("\u{feff}{}", script.replace('\n', "\r\n")));
    desk.done("windows/weekly_trend_daily_entry.rhai --out windows/run");

    // run.json and the report also name the script as it was typed, and its hash.
    for file in ["equity.parquet", "metrics.json", "signals.parquet", "trades.csv"] {
        let there = fs::read(elsewhere.path().join("runs/weekly_trend_daily_entry").join(file)).unwrap();
        assert!(there == expected[file], "{file} from elsewhere");
        assert!(desk.read(&format!("windows/run/{file}")) == expected[file], "{file} with a mark and CRLF");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let desk = Desk::new();
    for line in [
        "strategies/sma_cross.rhai",
        "strategies/sma_cross.rhai --json",
        "explain strategies/mtf_lstm.rhai",
        "nodes",
        "nodes rsi",
        "params strategies/sma_cross.rhai",
        "new mine",
        "definitions",
        "data list",
        "data show us_equities/AAPL",
        "snapshot strategies/sma_cross.rhai",
        "--help",
    ] {
        let mut child = desk.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let told = Told::of(child.wait_with_output().unwrap());
        assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "runner {line}");
    }
    // What was to be done is done.
    assert_eq!(names(&desk.files("runs/sma_cross")), FILES);
    assert!(desk.path("strategies/sma_cross.snap").is_file());

    let mut child = desk.command("strategies/none.rhai").stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(1), "a diagnostic that nobody reads");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let desk = Desk::new();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let told = Told::of(desk.command("explain strategies/sma_cross.rhai").stdout(full).output().unwrap());
    assert_eq!(told.code, Some(1));
    assert!(told.stderr.contains("the standard output cannot be written"), "{}", told.stderr);
}

//! `runner prove`: the real binary.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::uncounted;

fn prove(arguments: &[&str]) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_runner"))
        .current_dir(folder.path())
        .arg("prove")
        .arg(root.join("strategies/weekly_trend_daily_entry.rhai"))
        .arg("--datasets")
        .arg(root.join("datasets"))
        .args(arguments)
        .output()
        .unwrap();
    (folder, output)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn an_honest_script_is_proved_on_a_page() {
    let (_folder, output) = prove(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("runs took"), "{}", text(&output.stderr));
    insta::assert_snapshot!("page", uncounted(text(&output.stdout)));
}

#[test]
fn programs_get_json() {
    let (_folder, output) = prove(&["--json", "--prefixes", "3", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["holds"], true);
    assert_eq!(json["differences"], Value::Array(vec![]));
    assert!(json["values_compared"].as_u64().unwrap() > 100_000);
    assert!(json["runs"].as_array().unwrap().len() > 3);
}

#[test]
fn no_prefix_is_a_mistake() {
    let (_folder, output) = prove(&["--prefixes", "0"]);
    assert_eq!(output.status.code(), Some(2));
}

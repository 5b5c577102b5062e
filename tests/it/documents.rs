//! What README and guide show is true: scripts compile, and the main command prints what stands there.

use std::fs;
use std::path::Path;
use std::process::Command;

use timeweave::script::{Options, compile};
use timeweave::standard_registry;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The fenced blocks of a language, with the line that each begins on.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<(usize, &'a str)> {
    let open = format!("```{language}\n");
    let place = |(start, _): (usize, &str)| {
        let block = &text[start + open.len()..];
        (text[..start].lines().count() + 2, &block[..block.find("```").unwrap()])
    };
    text.match_indices(&open).map(place).collect()
}

#[test]
fn the_scripts_in_the_documents_compile() {
    let registry = standard_registry().unwrap();
    let options = Options { registry: &registry, settings: &[] };
    let mut whole = 0;
    for path in ["README.md", "docs/guide.md"] {
        for (line, script) in blocks(&read(path), "rhai") {
            // A part of a script is put where it belongs.
            let script = match script {
                script if script.contains("strategy(#{") => {
                    whole += 1;
                    script.to_owned()
                }
                script => {
                    let (lines, entries): (Vec<&str>, Vec<&str>) =
                        script.lines().partition(|line| line.trim_start().starts_with("let"));
                    let (lines, entries) = (lines.join("\n"), entries.join("\n"));
                    format!(
                        "let day = bars(\"1d\"); {lines}\nstrategy(#{{ universe: \"us_equities/AAPL\", long: #{{ enter: true }}, {entries} }})"
                    )
                }
            };
            compile(&script, path, &options)
                .unwrap_or_else(|error| panic!("{path}, the script on line {line}: {error}"));
        }
    }
    assert!(whole >= 2, "only {whole} whole scripts were found");
}

#[test]
fn the_readme_shows_what_the_main_command_prints() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_runner"))
        .arg(root.join("strategies/mtf_lstm.rhai"))
        .arg("--datasets")
        .arg(root.join("datasets"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let readme = read("README.md");
    let shown = blocks(&readme, "text");
    assert_eq!(shown[0].1.trim_end(), printed.trim_end(), "README.md is not what the command prints");
}

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

#[test]
fn what_the_documents_point_to_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    let within = |folder: &str| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    documents.extend(["docs", "docs/decisions", "docs/presets"].into_iter().flat_map(within));
    let mut found = 0;
    for document in documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(document).unwrap();
        for (open, close) in [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')] {
            for (_, rest) in text.match_indices(open).map(|(start, _)| text.split_at(start + open.len())) {
                let target = rest.split(close).next().unwrap().split('#').next().unwrap();
                if target.is_empty() || target.contains("://") {
                    continue;
                }
                found += 1;
                let path = document.parent().unwrap().join(target);
                assert!(path.exists(), "{} points to {target}, which is not there", document.display());
                let is_picture = path.extension().is_some_and(|extension| extension == "png");
                assert!(!is_picture || fs::metadata(&path).unwrap().len() < 300_000, "{target} is too large");
            }
        }
    }
    assert!(found > 20, "{found}");
}

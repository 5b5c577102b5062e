//! House rules: imports point up the list in `lib.rs`, files say what they are for and stay short.

use std::fs;
use std::path::{Path, PathBuf};

/// How long a source file may be: what a person reads in one sitting.
const LONGEST: usize = 450;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join("src"), &mut found);
    assert!(found.len() > 30, "the walk found only {} files", found.len());
    let read =
        |path: PathBuf| (path.strip_prefix(root).unwrap().display().to_string(), fs::read_to_string(&path).unwrap());
    found.into_iter().map(read).collect()
}

/// The modules in the order of their declaration in `lib.rs`.
fn modules() -> Vec<String> {
    let library = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let declared = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    declared.map(str::to_owned).collect()
}

#[test]
fn imports_point_up_the_list() {
    let modules = modules();
    let rank = |name: &str| modules.iter().position(|module| module == name);
    assert_eq!(rank("error"), Some(0), "lib.rs declares its modules in the order of the design");
    let mut wrong = Vec::new();
    for (path, text) in all_sources() {
        let room = path.strip_prefix("src/").unwrap().split('/').next().unwrap().trim_end_matches(".rs");
        let Some(own) = rank(room) else { continue };
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (start, _) in line.match_indices("crate::") {
                let rest = &line[start + "crate::".len()..];
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if rank(&name).is_some_and(|other| other > own) {
                    wrong.push(format!("{path}:{}: {room} imports {name}, which stands below it", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point down the list in lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_script_host_knows_rhai() {
    for (path, text) in all_sources() {
        let uses = text.lines().any(|line| line.trim_start().starts_with("use rhai") || line.contains("rhai::"));
        assert!(!uses || path.starts_with("src/script/"), "{path} uses rhai: only src/script/ may");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> =
        all_sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "files that do not open with a `//!` line: {silent:?}");
}

#[test]
fn files_are_read_in_one_sitting() {
    let lines = |(path, text): (String, String)| (text.lines().count(), path);
    let long: Vec<(usize, String)> = all_sources().into_iter().map(lines).filter(|(n, _)| *n > LONGEST).collect();
    assert!(long.is_empty(), "files of more than {LONGEST} lines: {long:?}");
}

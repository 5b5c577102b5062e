//! Scripts with a mistake each, or a few: what a person is told, drawn.

use std::fs;
use std::path::{Path, PathBuf};

use timeweave::data::Catalog;
use timeweave::error::{Diagnostic, render};
use timeweave::node::Registry;
use timeweave::pipeline::{self, evaluate};
use timeweave::script::{Options, Setting, load};
use timeweave::standard_registry;

/// Words that only someone knows who has read this crate's code, or rhai's.
const FOREIGN: [&str; 22] = [
    "::",
    "Dynamic",
    "i64",
    "f64",
    "INT",
    "FLOAT",
    "ImmutableString",
    "FnPtr",
    "EvalAltResult",
    "Error",
    "type_name",
    "anon$",
    "getter",
    "setter",
    "indexer",
    "object map",
    "array/blob",
    "usize",
    "Some(",
    "None)",
    "token",
    "identifier",
];

fn folder() -> PathBuf {
    // From the package's root, where tests run: lines are broken by the length of what they name.
    PathBuf::from("tests/it/bad_scripts")
}

/// The scripts of the catalogue, in order; modules that they import stand in a folder below.
fn scripts() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending == "rhai")).collect();
    files.sort();
    files
}

/// Goes as far as a run does: the script, its plan, its data. A first line `// --set name=value` sets a parameter.
fn refused(file: &Path, registry: &Registry, catalog: &Catalog) -> Option<Diagnostic> {
    let text = fs::read_to_string(file).unwrap();
    let set = text.lines().next().and_then(|line| line.strip_prefix("// --set "));
    let settings: Vec<Setting> = set.map(|setting| setting.parse().unwrap()).into_iter().collect();
    let strategy = match load(file, &Options { registry, settings: &settings }) {
        Ok(strategy) => strategy,
        Err(error) => return Some(error),
    };
    evaluate(strategy, registry, catalog, &pipeline::Options::default(), &mut |_| {}).err()
}

/// What a person sees, with the paths of the catalogue cut to the name of the file.
fn drawn(error: &Diagnostic) -> String {
    let paths = format!("{}/", folder().display());
    render(error, |file| fs::read_to_string(file).ok()).replace(&paths, "")
}

#[test]
fn bad_scripts_are_told_what_is_wrong_where_and_what_to_do() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let scripts = scripts();
    assert!(scripts.len() >= 300, "{} scripts", scripts.len());
    let mut all = String::new();
    for file in &scripts {
        let name = file.file_name().unwrap().to_str().unwrap();
        let error = refused(file, &registry, &catalog).unwrap_or_else(|| panic!("{name} is not refused"));
        for error in error.each() {
            let origin = error.origin().unwrap_or_else(|| panic!("{name}: {error} has no place"));
            assert!(Path::new(&*origin.file).starts_with(folder()), "{name}: {error}");
            assert!(!error.message().is_empty(), "{name}");
        }
        all += &format!("{name}\n{}\n", drawn(&error));
    }
    insta::assert_snapshot!("bad_scripts", all);
}

#[test]
fn no_message_speaks_of_the_inside_of_the_engine() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    for file in scripts() {
        let error = refused(&file, &registry, &catalog).unwrap();
        for error in error.each() {
            let told = format!("{} {}", error.message(), error.help().unwrap_or_default());
            // What the script itself says may be said again.
            let text = fs::read_to_string(&*error.origin().unwrap().file).unwrap();
            let foreign = FOREIGN.iter().find(|word| told.contains(**word) && !text.contains(**word));
            assert_eq!(foreign, None, "{}: {told}", file.display());
        }
    }
}

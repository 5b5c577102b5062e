//! Scripts with a mistake each: what a person is told, drawn.

use std::fs;
use std::path::Path;

use timeweave::error::render;
use timeweave::script::{Options, load};

use super::nodes::registry;

#[test]
fn bad_scripts_are_told_what_is_wrong_where_and_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/bad_scripts");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 60, "{} scripts", files.len());
    let registry = registry();
    let mut drawn = String::new();
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let error = load(file, &Options { registry: &registry, settings: &[] })
            .err()
            .unwrap_or_else(|| panic!("{name} is not refused"));
        let origin = error.origin().unwrap_or_else(|| panic!("{name}: {error} has no place"));
        assert_eq!(Path::new(&*origin.file), file, "{name}: {error}");
        let text = fs::read_to_string(file).unwrap();
        let told = render(&error, Some(&text)).replace(&*origin.file, name);
        drawn += &format!("{name}\n{told}\n");
    }
    insta::assert_snapshot!("bad_scripts", drawn);
}

//! The generated reference page is up to date.

use std::path::Path;
use std::{env, fs};

use timeweave::script::reference_page;
use timeweave::standard_registry;

#[test]
fn the_reference_page_is_what_the_specs_say() {
    let page = reference_page(&standard_registry().unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    if env::var_os("UPDATE_REFERENCE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(stored.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or(page.lines().count().min(stored.lines().count()));
    assert!(
        page == stored,
        "docs/reference.md is not what the Specs say, from line {} on; renew it with\n    \
         UPDATE_REFERENCE=1 cargo test --release --test it reference",
        line + 1
    );
}

//! Scripts: found, or what was probably meant.

use std::fs;
use std::path::{Path, PathBuf};

use timeweave::error::{Diagnostic, Origin, Result, nearest};
use timeweave::node::Registry;
use timeweave::script::{Options, Setting, load};
use timeweave::strategy::Strategy;

use crate::arguments::commands;

/// Reads a script.
pub fn read(path: &Path, settings: &[Setting], registry: &Registry) -> Result<Strategy> {
    let here = || Origin::file(path.display().to_string());
    if path.is_dir() {
        let diagnostic = Diagnostic::new("this is a folder, not a script").at(here());
        return Err(match scripts(path)?.first() {
            Some(first) => diagnostic.hint(format!("name a script in it, such as {}", first.display())),
            None => diagnostic,
        });
    }
    if !path.exists() {
        let diagnostic = Diagnostic::new("there is no such script").at(here());
        return Err(match (meant(path), path.to_str().filter(|name| registry.spec(name).is_some())) {
            (_, Some(node)) => diagnostic.hint(format!("`{node}` is a node: `runner nodes {node}` says what it does")),
            (Some(meant), None) => diagnostic.hint(format!("did you mean `{meant}`?")),
            (None, None) => diagnostic,
        });
    }
    load(path, &Options { registry, settings })
}

/// The scripts of a folder, in order.
pub fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    // What an editor reads (`runner definitions`) is no script.
    let is_script = |name: &str| name.ends_with(".rhai") && !name.ends_with(".d.rhai");
    Ok(entries(folder)?.into_iter().filter(|path| name(path.clone()).is_some_and(|name| is_script(&name))).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut entries = entries().map_err(|error| {
        Diagnostic::new(format!("the folder cannot be read: {error}")).at(Origin::file(folder.display().to_string()))
    })?;
    entries.sort();
    Ok(entries)
}

/// A name near the one that is not there: a script of the same folder, a folder beside the one that
/// is not there either, or a subcommand.
fn meant(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    let beside = |folder: &Path| entries(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        let folders = beside(folder.parent()?).ok()?.into_iter().filter(|entry| entry.is_dir());
        let names: Vec<String> = folders.filter_map(name).collect();
        let found = nearest(&name(folder.into())?, names.iter().map(String::as_str))?;
        return Some(folder.with_file_name(found).join(path.file_name()?).display().to_string());
    }
    let mut names: Vec<String> = beside(folder).ok()?.into_iter().filter_map(name).collect();
    names.retain(|name| name.ends_with(".rhai"));
    if folder.as_os_str().is_empty() {
        names.extend(commands());
    }
    let found = nearest(&name(path.into())?, names.iter().map(String::as_str))?;
    Some(folder.join(found).display().to_string())
}

fn name(path: PathBuf) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

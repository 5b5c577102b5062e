//! `runner snapshot`: writes down what strategies do, or checks that they still do it.

use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use timeweave::data::replace_file;
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::node::Registry;
use timeweave::pipeline::ModelPolicy;
use timeweave::report::{snapshot, snapshot_file};
use timeweave::standard_registry;

use crate::arguments::{Options, SnapshotArguments};
use crate::run::{evaluate, strategy};

/// Writes or checks the snapshot of every script.
pub fn run(arguments: &SnapshotArguments, options: &Options) -> Result<()> {
    let registry = standard_registry()?;
    let scripts = scripts(&arguments.paths)?;
    let mut changed = Vec::new();
    for script in &scripts {
        let path = script.with_extension("snap");
        let now = snapshot_of(script, options, &registry)?;
        let before = fs::read_to_string(&path).ok();
        if before.as_deref() == Some(&now) {
            println!("{}: as it was", path.display());
        } else if arguments.check {
            println!("{}: {}", path.display(), if before.is_some() { "changed" } else { "not there" });
            let diff = TextDiff::from_lines(before.as_deref().unwrap_or(""), &now);
            print!("{}", diff.unified_diff().context_radius(2).header("written down", "now"));
            changed.push(path.display().to_string());
        } else {
            replace_file(&path, now.as_bytes())?;
            println!("{}: written", path.display());
        }
    }
    match changed.as_slice() {
        [] => Ok(()),
        changed => Err(Diagnostic::new(format!(
            "{} of {} strategies do not do what was written down",
            changed.len(),
            scripts.len()
        ))
        .hint("where the change is meant, run `runner snapshot` without --check and look at the difference in git")),
    }
}

fn snapshot_of(script: &Path, options: &Options, registry: &Registry) -> Result<String> {
    let strategy = strategy(script, options, registry)?;
    // Trained anew every time: a snapshot pins what the script does, not what lies in a folder.
    let evaluated = evaluate(strategy, registry, options, ModelPolicy::Retrain, None, false)?;
    let text = snapshot(&evaluated.backtest(registry)?)?;
    Ok(snapshot_file(&script.display().to_string(), &text))
}

/// The scripts that were named, and those of the folders that were named, in order.
fn scripts(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for path in paths {
        if !path.is_dir() {
            scripts.push(path.clone());
            continue;
        }
        let refused = |e: std::io::Error| {
            Diagnostic::new(format!("the folder cannot be read: {e}")).at(Origin::file(path.display().to_string()))
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(path).map_err(refused)? {
            let entry = entry.map_err(refused)?.path();
            if entry.extension().is_some_and(|extension| extension == "rhai") {
                found.push(entry);
            }
        }
        if found.is_empty() {
            return Err(Diagnostic::new("there is no script (*.rhai) in this folder")
                .at(Origin::file(path.display().to_string())));
        }
        found.sort();
        scripts.extend(found);
    }
    Ok(scripts)
}

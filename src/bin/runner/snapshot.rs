//! `runner snapshot`: writes down what strategies do, or checks that they still do it.

use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use timeweave::data::replace_file;
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::node::Registry;
use timeweave::pipeline::ModelPolicy;
use timeweave::report::{snapshot, snapshot_file};
use timeweave::run::Keep;
use timeweave::standard_registry;

use crate::arguments::{Options, SnapshotArguments};
use crate::output::{line, text};
use crate::progress::Meter;
use crate::run::{evaluate, use_threads};
use crate::script;

/// Writes or checks the snapshot of every script.
pub fn run(arguments: &SnapshotArguments) -> Result<()> {
    let registry = standard_registry()?;
    use_threads(&arguments.options)?;
    let scripts = scripts(&arguments.paths)?;
    let mut changed = 0;
    for script in &scripts {
        let path = script.with_extension("snap");
        let now = snapshot_of(script, &arguments.options, &registry)?;
        let before = fs::read_to_string(&path).ok();
        if before.as_deref() == Some(&now) {
            line(format_args!("{}: as it was", path.display()))?;
        } else if arguments.check {
            line(format_args!("{}: {}", path.display(), if before.is_some() { "changed" } else { "not there" }))?;
            let diff = TextDiff::from_lines(before.as_deref().unwrap_or(""), &now);
            text(diff.unified_diff().context_radius(2).header("written down", "now"))?;
            changed += 1;
        } else {
            replace_file(&path, now.as_bytes())?;
            line(format_args!("{}: written", path.display()))?;
        }
    }
    match changed {
        0 => Ok(()),
        _ => Err(Diagnostic::new(format!(
            "of {} strategies, {changed} {} from what was written down",
            scripts.len(),
            if changed == 1 { "differs" } else { "differ" }
        ))
        .hint("where the change is meant, run `runner snapshot` without --check, and look at the difference in git")),
    }
}

fn snapshot_of(script: &Path, options: &Options, registry: &Registry) -> Result<String> {
    let strategy = script::read(script, &[], registry)?;
    let mut meter = Meter::new(false);
    // Trained anew every time: a snapshot pins what the script does, not what lies in a folder.
    let evaluated = evaluate(strategy, registry, options, ModelPolicy::Retrain, None, Keep::Results, &mut meter)?;
    let text = snapshot(&evaluated.backtest(registry)?)?;
    // The name alone: the same snapshot, wherever it is made from.
    Ok(snapshot_file(&script.file_name().unwrap_or_default().to_string_lossy(), &text))
}

/// The scripts that were named, and those of the folders that were named.
fn scripts(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for path in paths {
        if !path.is_dir() {
            scripts.push(path.clone());
            continue;
        }
        let found = script::scripts(path)?;
        if found.is_empty() {
            return Err(Diagnostic::new("there is no script (*.rhai) in this folder")
                .at(Origin::file(path.display().to_string())));
        }
        scripts.extend(found);
    }
    Ok(scripts)
}

//! `runner watch`: runs a strategy whenever its script, a module of it or its data are saved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use clap::Args;
use timeweave::error::Result;
use timeweave::pipeline::{ModelPolicy, Outcome};
use timeweave::report::{Figure, figures, page};

use crate::arguments::TrainArguments;
use crate::interrupt;
use crate::look::LookArguments;
use crate::output::{complain, note, reaches};
use crate::run::{Run, use_threads};

/// What watching takes.
#[derive(Debug, Args)]
pub struct WatchArguments {
    #[command(flatten)]
    train: TrainArguments,
    #[command(flatten)]
    look: LookArguments,
}

/// How often files are looked at.
const PAUSE: Duration = Duration::from_millis(300);
/// How long a file must stay as it is before it counts as saved: editors write in several steps.
const SETTLED: Duration = Duration::from_millis(50);

/// When a file was written, and its size; none for one that is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Runs a strategy, and again on every change, until nobody reads what it prints.
pub fn run(WatchArguments { train: arguments, look }: &WatchArguments) -> Result<()> {
    use_threads(&arguments.options)?;
    let mut data: Vec<PathBuf> = Vec::new();
    let mut before: Option<Vec<Figure>> = None;
    let mut changed: Vec<PathBuf> = Vec::new();
    loop {
        // Looked at before the run: what is saved while it lasts counts as well.
        let mut stamps = stamp(scripts(&arguments.script.path));
        stamps.extend(stamp(data.clone()));
        match Run::of(arguments, ModelPolicy::Reuse) {
            Ok(Run { outcome, .. }) => {
                data = inputs(&outcome, &arguments.options.datasets);
                let figures = figures(&outcome.metrics);
                let told = match &before {
                    Some(before) => difference(&changed, before, &figures),
                    None if arguments.quiet => String::new(),
                    None => page(&outcome, &look.look()),
                };
                before = Some(figures);
                if !reaches(told)? {
                    return Ok(());
                }
            }
            // A slip in the name is told at once; what goes away later may come back.
            Err(diagnostic) if changed.is_empty() && !arguments.script.path.is_file() => return Err(diagnostic),
            Err(diagnostic) => complain(&diagnostic),
        }
        // New files are those of the run that has just ended.
        stamps.extend(stamp(data.iter().filter(|path| !stamps.contains_key(*path)).cloned().collect()));
        if changed.is_empty() && !arguments.quiet {
            let files = if stamps.len() == 1 { "file" } else { "files" };
            note(format_args!("watching {} {files}; Ctrl-C ends it", stamps.len()));
        }
        changed = wait(&stamps);
    }
}

/// Waits until a file is no longer what it was, and until nothing changes any more.
fn wait(stamps: &BTreeMap<PathBuf, Stamp>) -> Vec<PathBuf> {
    loop {
        sleep(PAUSE);
        interrupt::obey();
        let mut now = stamp(stamps.keys().cloned().collect());
        if now == *stamps {
            continue;
        }
        loop {
            sleep(SETTLED);
            let next = stamp(stamps.keys().cloned().collect());
            if next == now {
                break;
            }
            now = next;
        }
        let changed: Vec<PathBuf> =
            now.into_iter().filter(|(path, stamp)| stamps.get(path) != Some(stamp)).map(|(path, _)| path).collect();
        if !changed.is_empty() {
            return changed;
        }
    }
}

fn stamp(paths: Vec<PathBuf>) -> BTreeMap<PathBuf, Stamp> {
    let stamp = |path: &Path| fs::metadata(path).ok().and_then(|file| Some((file.modified().ok()?, file.len())));
    paths.into_iter().map(|path| (path.clone(), stamp(&path))).collect()
}

/// The script and the modules that it imports, directly or through others, by what their texts say: a
/// script that cannot be read is watched too.
fn scripts(script: &Path) -> Vec<PathBuf> {
    let folder = script.parent().unwrap_or(Path::new(""));
    let mut found = vec![script.to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next) {
        next += 1;
        let text = fs::read_to_string(path).unwrap_or_default();
        let named =
            text.split("import").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        for name in named {
            let mut module = folder.join(name);
            if module.extension().is_none() {
                module.set_extension("rhai");
            }
            if !found.contains(&module) {
                found.push(module);
            }
        }
    }
    found
}

/// The files that the bars came from.
fn inputs(outcome: &Outcome, datasets: &Path) -> Vec<PathBuf> {
    let files = outcome.inputs.iter().map(|input| datasets.join(&input.file)).filter(|path| path.is_file());
    let manifests = outcome.backtest.universe.iter().map(|one| datasets.join(&one.dataset).join("dataset.toml"));
    files.chain(manifests).collect()
}

/// The figures that are no longer what they were: `old -> new`.
fn difference(changed: &[PathBuf], before: &[Figure], after: &[Figure]) -> String {
    let names: Vec<String> = changed.iter().map(|path| path.display().to_string()).collect();
    let mut text = format!("\n{} changed\n", names.join(", "));
    let pairs: Vec<(&Figure, &Figure)> =
        before.iter().zip(after).filter(|(before, after)| before.strategy != after.strategy).collect();
    let name = pairs.iter().map(|(figure, _)| figure.name.len()).max().unwrap_or(0);
    let old = pairs.iter().map(|(figure, _)| figure.strategy.len()).max().unwrap_or(0);
    let new = pairs.iter().map(|(_, figure)| figure.strategy.len()).max().unwrap_or(0);
    for (before, after) in &pairs {
        text += &format!("  {:<name$}  {:>old$}  ->  {:>new$}\n", before.name, before.strategy, after.strategy);
    }
    text += &match (pairs.len(), after.len() - pairs.len()) {
        (0, _) => "  no figure changed\n".into(),
        (_, 0) => String::new(),
        (_, 1) => "  1 figure is as it was\n".into(),
        (_, same) => format!("  {same} figures are as they were\n"),
    };
    text
}

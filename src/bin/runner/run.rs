//! `runner SCRIPT`, `runner train`, `runner backtest`.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use rayon::ThreadPoolBuilder;
use timeweave::data::Catalog;
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::node::Registry;
use timeweave::pipeline::{self, Evaluated, Fitted, ModelPolicy, Outcome, Source};
use timeweave::plan::Plan;
use timeweave::report;
use timeweave::run::Keep;
use timeweave::standard_registry;
use timeweave::strategy::Strategy;

use crate::arguments::{BacktestArguments, Options, TrainArguments};
use crate::interrupt;
use crate::look::LookArguments;
use crate::output::{line, note, text};
use crate::progress::Meter;

/// Trains a script's models and keeps them.
pub fn train(arguments: &TrainArguments) -> Result<()> {
    use_threads(&arguments.options)?;
    let mut meter = arguments.meter();
    let registry = standard_registry()?;
    let strategy = arguments.script.read(&registry)?;
    if Plan::new(&strategy, &registry)?.models.is_empty() {
        return Err(Diagnostic::new("the script has no model to train")
            .at(Origin::file(arguments.script.path.display().to_string()))
            .hint("run it without `train`"));
    }
    let folder = Folder::of(arguments, &strategy)?;
    fit(arguments, strategy, &registry, ModelPolicy::Retrain, &folder.path, Keep::Results, &mut meter)?;
    Ok(())
}

/// Fits a script's models as `policy` says, backtests it and reports.
pub fn backtest(arguments: &BacktestArguments, policy: ModelPolicy) -> Result<()> {
    let BacktestArguments { train, json, look } = arguments;
    use_threads(&train.options)?;
    let Run { outcome, files } = Run::of(train, policy)?;
    match (json, train.quiet) {
        (true, _) => text(report::metrics_json(&outcome)?),
        (false, true) => Ok(()),
        (false, false) => print_page(&outcome, &files, look),
    }
}

/// A run: what came of it, and the files that it left.
pub struct Run {
    pub outcome: Outcome,
    pub files: Vec<PathBuf>,
}

impl Run {
    /// Fits a script's models as `policy` says, backtests it and writes the report.
    pub fn of(arguments: &TrainArguments, policy: ModelPolicy) -> Result<Self> {
        let mut meter = arguments.meter();
        let registry = standard_registry()?;
        let strategy = arguments.script.read(&registry)?;
        let folder = Folder::of(arguments, &strategy)?;
        let evaluated = fit(arguments, strategy, &registry, policy, &folder.path, Keep::Results, &mut meter)?;
        meter.stage("backtesting");
        let outcome = evaluated.backtest(&registry)?;
        meter.stage("writing the report");
        let files = report::write(&outcome, &folder.path)?;
        Ok(Self { outcome, files })
    }
}

/// Computes a strategy's columns and fits its models.
pub fn evaluate(
    strategy: Strategy,
    registry: &Registry,
    options: &Options,
    models: ModelPolicy,
    model_folder: Option<&Path>,
    keep: Keep,
    meter: &mut Meter,
) -> Result<Evaluated> {
    meter.stage("computing");
    let catalog = Catalog::open(&options.datasets)?;
    let options =
        pipeline::Options { models, model_folder, device: options.device, keep, stop: Some(interrupt::stop()) };
    pipeline::evaluate(strategy, registry, &catalog, &options, &mut |progress| meter.show(progress))
}

/// Sets how many threads everything uses; to be called once.
pub fn use_threads(options: &Options) -> Result<()> {
    let Some(threads) = options.threads else { return Ok(()) };
    let started = ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    started.map_err(|error| {
        Diagnostic::new(format!("{threads} threads cannot be started: {error}")).hint("give --threads a smaller number")
    })
}

/// Where a run leaves its files.
pub struct Folder {
    pub path: PathBuf,
    /// Its handle, locked for as long as the run lasts.
    _lock: Option<File>,
}

impl Folder {
    /// Makes the folder and takes it for this run. Done before anything is computed: what cannot be
    /// kept is not trained for, and two runs do not mix their files.
    pub fn of(arguments: &TrainArguments, strategy: &Strategy) -> Result<Self> {
        let path = arguments.out.clone().unwrap_or_else(|| Path::new("runs").join(&strategy.name));
        let refused = |message: String| {
            Diagnostic::new(message)
                .at(Origin::file(path.display().to_string()))
                .hint("choose another folder with --out")
        };
        fs::create_dir_all(&path)
            .map_err(|error| refused(format!("the folder for what the run leaves cannot be made: {error}")))?;
        // Not every system can lock a folder; there the user is trusted.
        let lock = File::open(&path).ok();
        if let Some(Err(TryLockError::WouldBlock)) = lock.as_ref().map(File::try_lock) {
            return Err(refused("another run is at work in this folder".into()));
        }
        Ok(Self { path, _lock: lock })
    }
}

/// Computes a strategy's columns, fits its models as `policy` says, and tells where they come from.
pub fn fit(
    arguments: &TrainArguments,
    strategy: Strategy,
    registry: &Registry,
    policy: ModelPolicy,
    folder: &Path,
    keep: Keep,
    meter: &mut Meter,
) -> Result<Evaluated> {
    let evaluated = evaluate(strategy, registry, &arguments.options, policy, Some(folder), keep, meter)?;
    if !arguments.quiet {
        meter.clear();
        evaluated.models.iter().for_each(tell);
    }
    Ok(evaluated)
}

fn tell(model: &Fitted) {
    let folder = model.folder.as_deref().unwrap_or(Path::new("nowhere")).display();
    match &model.source {
        Source::Loaded => note(format_args!("model loaded from {folder}: all that it depends on is as it was")),
        Source::Trained(reason) => note(format_args!("model trained ({reason}) and kept in {folder}")),
    }
}

fn print_page(outcome: &Outcome, files: &[PathBuf], look: &LookArguments) -> Result<()> {
    line(report::page(outcome, &look.look()))?;
    files.iter().try_for_each(|file| line(format_args!("  {}", file.display())))
}

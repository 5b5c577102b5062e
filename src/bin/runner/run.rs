//! `runner SCRIPT`, `runner train`, `runner backtest`, `runner explain`.

use std::path::{Path, PathBuf};

use timeweave::data::Catalog;
use timeweave::error::{Diagnostic, Result};
use timeweave::node::Registry;
use timeweave::pipeline::{self, Evaluated, Fitted, ModelPolicy, Outcome, Source};
use timeweave::plan::Plan;
use timeweave::report;
use timeweave::script::{self, load};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;

use crate::arguments::{Options, RunArguments};
use crate::progress::Meter;

/// What is to be done with a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Train where needed, backtest, report.
    Both,
    /// Train and keep the models.
    Train,
    /// Backtest and report, with models that were trained before.
    Backtest,
}

/// Runs a script.
pub fn run(arguments: &RunArguments, options: &Options, task: Task) -> Result<()> {
    let registry = standard_registry()?;
    let strategy = strategy(&arguments.script, options, &registry)?;
    let folder = arguments.out.clone().unwrap_or_else(|| Path::new("runs").join(&strategy.name));
    let policy = match (task, arguments.retrain) {
        (Task::Train, _) | (Task::Both, true) => ModelPolicy::Retrain,
        (Task::Both, false) => ModelPolicy::Reuse,
        (Task::Backtest, false) => ModelPolicy::Require,
        (Task::Backtest, true) => {
            return Err(Diagnostic::new("`runner backtest` trains nothing, so --retrain has no meaning there")
                .hint("leave `backtest` out, or use `runner train`"));
        }
    };
    let silent = arguments.quiet || arguments.json;
    let evaluated = evaluate(strategy, &registry, options, policy, Some(&folder), silent)?;
    if !silent {
        evaluated.models.iter().for_each(tell);
    }
    if task == Task::Train {
        return match evaluated.models.is_empty() {
            true => Err(Diagnostic::new("the script has no model to train").hint("run it without `train`")),
            false => Ok(()),
        };
    }
    let outcome = evaluated.backtest(&registry)?;
    let files = report::write(&outcome, &folder)?;
    if arguments.json {
        print!("{}", report::metrics_json(&outcome)?);
    } else if !arguments.quiet {
        print_page(&outcome, &files);
    }
    Ok(())
}

/// Prints a script's plan.
pub fn explain(arguments: &RunArguments, options: &Options) -> Result<()> {
    let registry = standard_registry()?;
    let strategy = strategy(&arguments.script, options, &registry)?;
    print!("{}", Plan::new(&strategy, &registry)?.explain());
    Ok(())
}

/// Reads a script.
pub fn strategy(script: &Path, options: &Options, registry: &Registry) -> Result<Strategy> {
    load(script, &script::Options { registry, settings: &options.settings })
}

/// Computes a strategy's columns and fits its models, with a progress bar.
pub fn evaluate(
    strategy: Strategy,
    registry: &Registry,
    options: &Options,
    models: ModelPolicy,
    model_folder: Option<&Path>,
    silent: bool,
) -> Result<Evaluated> {
    if let Some(threads) = options.threads {
        // Fails where the pool exists already; then its size was set before, by the same flag.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    }
    let catalog = Catalog::open(&options.datasets)?;
    let mut meter = Meter::new(silent);
    let options = pipeline::Options { models, model_folder, device: options.device };
    pipeline::evaluate(strategy, registry, &catalog, &options, &mut |progress| meter.show(progress))
}

fn tell(model: &Fitted) {
    let folder = model.folder.as_deref().unwrap_or(Path::new("nowhere")).display();
    match &model.source {
        Source::Loaded => eprintln!("model loaded from {folder}: all that it depends on is as it was"),
        Source::Trained(reason) => eprintln!("model trained ({reason}) and kept in {folder}"),
    }
}

fn print_page(outcome: &Outcome, files: &[PathBuf]) {
    print!("{}", report::page(outcome));
    println!();
    for file in files {
        println!("  {}", file.display());
    }
}

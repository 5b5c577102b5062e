//! The command line: what may be typed.

use std::env;
use std::path::PathBuf;

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, value_parser};
use timeweave::error::Diagnostic;
use timeweave::networks::DeviceKind;
use timeweave::node::Registry;
use timeweave::proof::DEFAULT_PREFIXES;
use timeweave::script::Setting;
use timeweave::strategy::{Period, Strategy};

use crate::compare::CompareArguments;
use crate::data::DataArgs;
use crate::definitions::DefinitionsArguments;
use crate::explain::ExplainArguments;
use crate::look::LookArguments;
use crate::new::NewArguments;
use crate::nodes::NodesArguments;
use crate::params::ParamsArguments;
use crate::progress::Meter;
use crate::report::ReportArguments;
use crate::tune::TuneArguments;
use crate::watch::WatchArguments;
use crate::{script, stages};

/// What was typed.
pub enum Request {
    /// `runner SCRIPT`
    Run(RunArguments),
    /// `runner COMMAND`
    Command(Command),
    /// `runner help NAME`, where no command is called so
    Help(Vec<String>),
}

impl Request {
    /// Reads the command line; ends the program where it is wrong, or where it asks for help.
    pub fn parse() -> Self {
        let mut command = command();
        if let Some(words) = help_of_a_name(&command) {
            return Self::Help(words);
        }
        let matches = command.get_matches_mut();
        let read = match matches.subcommand_name() {
            Some(_) => Command::from_arg_matches(&matches).map(Self::Command),
            None => RunArguments::from_arg_matches(&matches).map(Self::Run),
        };
        read.unwrap_or_else(|error| error.format(&mut command).exit())
    }
}

/// What `runner help` is asked for, where it is no command and so nothing that clap knows of.
fn help_of_a_name(command: &clap::Command) -> Option<Vec<String>> {
    let typed: Vec<String> = env::args_os().skip(1).map(|word| word.into_string().ok()).collect::<Option<_>>()?;
    let (help, words) = typed.split_first()?;
    let name = words.first().filter(|name| *name != "help" && !name.starts_with('-'))?;
    (help == "help" && command.find_subcommand(name).is_none()).then(|| words.to_vec())
}

/// `runner` with its subcommands.
fn command() -> clap::Command {
    Command::augment_subcommands(RunArguments::command())
}

/// The names of the subcommands.
pub fn commands() -> Vec<String> {
    command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[derive(Subcommand)]
pub enum Command {
    /// Train the script's models and keep them, even where trained ones fit; no backtest
    Train(TrainArguments),
    /// Backtest with the models that were trained; refuse where they do not fit the script and the data
    Backtest(BacktestArguments),
    /// Print the plan as a tree: what is computed for each rule, from when on it is known, what it costs
    Explain(ExplainArguments),
    /// Say what is wrong with the script, and what is suspicious on its data; nothing is trained
    Check(CheckArguments),
    /// Run the script again on prefixes of its data and fail if any value changes: does it look ahead?
    Prove(ProveArguments),
    /// Compare runs that were made before: figures side by side, and what changed in script, data and parameters
    Compare(CompareArguments),
    /// Make report.html of a run again, as this version draws it, without running
    Report(ReportArguments),
    /// Write down what strategies do, or check that they still do it
    Snapshot(SnapshotArguments),
    /// Write a commented strategy to start from
    New(NewArguments),
    /// List the parameters that a script declares, for --set
    Params(ParamsArguments),
    /// Compare variants of a script's model by cross-validation, before its test range
    Tune(TuneArguments),
    /// Run a strategy again on every save, and print which figures changed
    ///
    /// Its script, the modules that it imports and the files of its bars are looked at. Models are trained
    /// again where what they depend on has changed. What is wrong is shown, and the next save awaited.
    /// Ctrl-C ends it.
    Watch(WatchArguments),
    /// List, search or read what a script can call: `runner nodes rsi`, `runner nodes moving average`
    Nodes(NodesArguments),
    /// Write a file from which an editor completes names and shows what they mean
    Definitions(DefinitionsArguments),
    /// Import, list and look at market data
    Data {
        /// The folder of the datasets
        #[arg(long, value_name = "DIR", default_value = "datasets", global = true)]
        datasets: PathBuf,
        #[command(flatten)]
        arguments: DataArgs,
    },
}

/// Trains, backtests and reports a trading strategy that is written as a short Rhai script.
///
/// `runner strategies/mtf_lstm.rhai` does all of it: it trains the script's models where no trained
/// ones fit, backtests them out of sample, prints a page and leaves the files in runs/mtf_lstm/.
///
/// `runner new NAME` writes a strategy to start from, `runner nodes` lists what a script can call, and
/// `runner help rsi` explains one of it.
///
/// Exit codes: 0 done; 1 the strategy or the data is wrong, and stderr says where; 2 the command line is
/// wrong.
#[derive(Debug, Parser)]
#[command(
    name = "runner",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub struct RunArguments {
    #[command(flatten)]
    pub backtest: BacktestArguments,
    /// Train the models again, even where trained ones fit
    #[arg(long)]
    pub retrain: bool,
}

/// What a backtest takes.
#[derive(Debug, Args)]
pub struct BacktestArguments {
    #[command(flatten)]
    pub train: TrainArguments,
    /// Print metrics.json on stdout instead of the page
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub look: LookArguments,
}

/// What training takes, and whatever leaves files.
#[derive(Debug, Args)]
pub struct TrainArguments {
    #[command(flatten)]
    pub script: ScriptArguments,
    /// Where to put what the run leaves [default: runs/NAME]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// No progress, notes or page, only errors (and the JSON where it is asked for)
    #[arg(short, long)]
    pub quiet: bool,
    /// Tell of each stage and how long it took, on stderr; -vv of each file and model too. RUST_LOG chooses by target
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    #[command(flatten)]
    pub options: Options,
}

impl TrainArguments {
    /// Progress on stderr, as it is asked for: lines of stages where they are, else what moves on a terminal.
    pub fn meter(&self) -> Meter {
        let told = stages::listen(self.verbose);
        Meter::new(self.quiet || told)
    }
}

/// A script, and what it is to be read with.
#[derive(Debug, Args)]
pub struct ScriptArguments {
    /// The strategy: a Rhai script
    #[arg(value_name = "SCRIPT")]
    pub path: PathBuf,
    /// Set a parameter that the script declares; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub settings: Vec<Setting>,
    /// The first date that is traded, in place of the script's `from`; earlier bars warm up and train
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The last date that is read at all, in place of the script's `to`
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
}

impl ScriptArguments {
    /// Reads the script.
    pub fn read(&self, registry: &Registry) -> timeweave::error::Result<Strategy> {
        self.variant(&[], registry)
    }

    /// Reads the script with further settings.
    pub fn variant(&self, settings: &[Setting], registry: &Registry) -> timeweave::error::Result<Strategy> {
        let all = [&self.settings, settings].concat();
        let mut strategy = script::read(&self.path, &all, registry)?;
        strategy.period = Period::new(self.from.as_deref(), self.to.as_deref())?.or(strategy.period);
        Ok(strategy)
    }
}

/// What to compute with.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The folder of the datasets
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,
    /// How many threads to use; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<u16>,
    /// What models run on: flex, or ndarray where the feature is built in
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = device)]
    pub device: DeviceKind,
}

/// What a check takes.
#[derive(Debug, Args)]
pub struct CheckArguments {
    #[command(flatten)]
    pub script: ScriptArguments,
    /// The folder of the datasets
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,
    /// Fail where anything is suspicious
    #[arg(long)]
    pub strict: bool,
}

/// What a proof takes.
#[derive(Debug, Args)]
pub struct ProveArguments {
    #[command(flatten)]
    pub train: TrainArguments,
    /// At how many instants to cut the data off; each computes the strategy again, once or twice
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PREFIXES, value_parser = value_parser!(u16).range(1..))]
    pub prefixes: u16,
    /// Print what was compared and what differed as JSON on stdout instead of the page
    #[arg(long)]
    pub json: bool,
}

/// What writes down or checks what strategies do.
#[derive(Debug, Args)]
pub struct SnapshotArguments {
    /// Scripts, or folders of scripts; what each does is written beside it, to SCRIPT.snap
    #[arg(required = true, value_name = "SCRIPT OR FOLDER")]
    pub paths: Vec<PathBuf>,
    /// Compare with what was written down, write nothing, and fail with a diff where they differ
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub options: Options,
}

fn setting(text: &str) -> Result<Setting, String> {
    text.parse().map_err(told)
}

fn threads(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|threads| (1..=1024).contains(threads)).ok_or_else(|| "1 to 1024 are allowed".into())
}

fn device(text: &str) -> Result<DeviceKind, String> {
    text.parse().map_err(told)
}

/// A diagnostic on one line, as usage errors are told.
fn told(diagnostic: Diagnostic) -> String {
    match diagnostic.help() {
        Some(help) => format!("{}: {help}", diagnostic.message()),
        None => diagnostic.message().into(),
    }
}

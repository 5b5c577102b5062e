//! The command line: what may be typed.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};
use timeweave::error::Diagnostic;
use timeweave::models::DeviceKind;
use timeweave::script::Setting;

use crate::data::DataArgs;

/// Trains, backtests and reports a trading strategy that is written as a short Rhai script.
///
/// `runner strategies/mtf_lstm.rhai` does all of it: it trains the script's models where no trained
/// ones fit, backtests them out of sample, prints a page and leaves the files in runs/mtf_lstm/.
#[derive(Parser)]
#[command(name = "runner", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: Option<RunArguments>,
    #[command(flatten)]
    pub options: Options,
}

#[derive(Subcommand)]
pub enum Command {
    /// Train the script's models and save them, whether or not trained ones fit; no backtest
    Train {
        #[command(flatten)]
        run: RunArguments,
        #[command(flatten)]
        options: Options,
    },
    /// Backtest with the models that were trained; refuses where they do not fit the script and data
    Backtest {
        #[command(flatten)]
        run: RunArguments,
        #[command(flatten)]
        options: Options,
    },
    /// Print the plan: every computation once, with its timeframe and warm-up
    Explain {
        #[command(flatten)]
        run: RunArguments,
        #[command(flatten)]
        options: Options,
    },
    /// Write down what strategies do, or check that they still do it
    Snapshot {
        #[command(flatten)]
        snapshot: SnapshotArguments,
        #[command(flatten)]
        options: Options,
    },
    /// Import, list and look at market data
    Data {
        /// The folder of the datasets
        #[arg(long, value_name = "DIR", default_value = "datasets", global = true)]
        datasets: PathBuf,
        #[command(flatten)]
        arguments: DataArgs,
    },
}

/// What a run takes.
#[derive(Clone, Debug, Args)]
pub struct RunArguments {
    /// The strategy: a Rhai script
    pub script: PathBuf,
    /// Where to put what the run leaves [default: runs/NAME]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Train the models again, even where trained ones fit
    #[arg(long)]
    pub retrain: bool,
    /// Print metrics.json on stdout, and nothing else
    #[arg(long)]
    pub json: bool,
    /// No progress and no page, only errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// What every way of running a strategy takes.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The folder of the datasets
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,
    /// Set a parameter that the script declares; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub settings: Vec<Setting>,
    /// How many threads to use; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// What models run on: flex, or ndarray where the feature is built in
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = device)]
    pub device: DeviceKind,
}

/// What writes down or checks what strategies do.
#[derive(Clone, Debug, Args)]
pub struct SnapshotArguments {
    /// Scripts, or folders of scripts
    #[arg(required = true, value_name = "SCRIPT OR FOLDER")]
    pub paths: Vec<PathBuf>,
    /// Compare with what was written down, write nothing, and fail with a diff where they differ
    #[arg(long)]
    pub check: bool,
}

fn setting(text: &str) -> Result<Setting, String> {
    text.parse().map_err(told)
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

/// What `runner` alone prints.
pub fn print_help() {
    // Nothing can be done where the terminal is gone.
    let _ = Arguments::command().print_help();
}

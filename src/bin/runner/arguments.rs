//! The command line: what may be typed.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};
use timeweave::models::Device;

use crate::data::DataArguments;
use crate::snapshot::SnapshotArguments;

/// Trains, backtests and reports a trading strategy that is written as a short Rhai script.
///
/// `runner strategies/mtf_lstm.rhai` does all of it: it trains the script's models where no trained
/// ones fit, backtests them out of sample, prints a page and leaves the files in runs/mtf_lstm/.
#[derive(Debug, Parser)]
#[command(name = "runner", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: Option<RunArguments>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train the script's models and save them, whether or not trained ones fit; no backtest
    Train(RunArguments),
    /// Backtest with the models that were trained; refuses where they do not fit the script and data
    Backtest(RunArguments),
    /// Print the plan: every computation once, with its timeframe and warm-up
    Explain(RunArguments),
    /// Write down what strategies do, or check that they still do it
    Snapshot(SnapshotArguments),
    /// Import, list and look at market data
    Data(DataArguments),
}

/// What a run takes.
#[derive(Clone, Debug, Args)]
pub struct RunArguments {
    /// The strategy: a Rhai script
    pub script: PathBuf,
    #[command(flatten)]
    pub options: Options,
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
    pub settings: Vec<(String, f64)>,
    /// How many threads to use; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// What models run on: flex, or ndarray where the feature is built in
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = device)]
    pub device: Device,
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err("write NAME=VALUE, such as threshold=0.004".into());
    };
    let number = value.trim().parse().map_err(|_| format!("`{value}` is not a number"))?;
    Ok((name.trim().into(), number))
}

fn device(text: &str) -> Result<Device, String> {
    text.parse::<Device>().map_err(|diagnostic| diagnostic.to_string())
}

/// What `runner` alone prints.
pub fn print_help() {
    // Nothing can be done where the terminal is gone.
    let _ = Arguments::command().print_help();
}

//! `runner`: trains, backtests and reports a strategy from the command line.

mod arguments;
mod data;
mod output;
mod progress;
mod run;
mod script;
mod snapshot;

use std::process::ExitCode;

use clap::Parser;
use timeweave::error::Result;
use timeweave::pipeline::ModelPolicy;

use crate::arguments::{Arguments, Command};
use crate::run::{backtest, explain, train};

fn main() -> ExitCode {
    match dispatch(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(diagnostic) => {
            output::complain(&diagnostic);
            ExitCode::from(1)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<()> {
    match (arguments.command, arguments.run) {
        (Some(Command::Train(arguments)), _) => train(&arguments),
        (Some(Command::Backtest(arguments)), _) => backtest(&arguments, ModelPolicy::Require),
        (Some(Command::Explain(script)), _) => explain(&script),
        (Some(Command::Snapshot(arguments)), _) => snapshot::run(&arguments),
        (Some(Command::Data { datasets, arguments }), _) => data::run(arguments, &datasets),
        (None, Some(run)) if run.retrain => backtest(&run.backtest, ModelPolicy::Retrain),
        (None, Some(run)) => backtest(&run.backtest, ModelPolicy::Reuse),
        (None, None) => arguments::nothing_to_do(),
    }
}

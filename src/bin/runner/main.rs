//! `runner`: trains, backtests and reports a strategy from the command line.

mod arguments;
mod complain;
mod data;
mod progress;
mod run;
mod snapshot;

use std::process::ExitCode;

use clap::Parser;
use timeweave::error::Result;

use crate::arguments::{Arguments, Command};
use crate::run::Task;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(diagnostic) => {
            complain::print(&diagnostic);
            ExitCode::from(1)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<()> {
    match (arguments.command, arguments.run) {
        (Some(Command::Train(arguments)), _) => run::run(&arguments, Task::Train),
        (Some(Command::Backtest(arguments)), _) => run::run(&arguments, Task::Backtest),
        (Some(Command::Explain(arguments)), _) => run::explain(&arguments),
        (Some(Command::Snapshot(arguments)), _) => snapshot::run(&arguments),
        (Some(Command::Data { datasets, arguments }), _) => data::run(arguments, &datasets),
        (None, Some(arguments)) => run::run(&arguments, Task::Both),
        (None, None) => {
            arguments::print_help();
            Ok(())
        }
    }
}

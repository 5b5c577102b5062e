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
    match arguments.command {
        Some(Command::Train { run, options }) => run::run(&run, &options, Task::Train),
        Some(Command::Backtest { run, options }) => run::run(&run, &options, Task::Backtest),
        Some(Command::Explain { run, options }) => run::explain(&run, &options),
        Some(Command::Snapshot { snapshot, options }) => snapshot::run(&snapshot, &options),
        Some(Command::Data { datasets, arguments }) => data::run(arguments, &datasets),
        None => match arguments.run {
            Some(run) => run::run(&run, &arguments.options, Task::Both),
            None => {
                arguments::print_help();
                Ok(())
            }
        },
    }
}

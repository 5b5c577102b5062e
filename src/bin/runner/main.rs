//! `runner`: trains, backtests and reports a strategy from the command line.

mod arguments;
mod check;
mod compare;
mod data;
mod definitions;
mod explain;
mod interrupt;
mod look;
mod new;
mod nodes;
mod output;
mod params;
mod progress;
mod prove;
mod report;
mod run;
mod script;
mod snapshot;
mod stages;
mod tune;
mod watch;

use std::process::ExitCode;

use timeweave::error::Result;
use timeweave::pipeline::ModelPolicy;

use crate::arguments::{Command, Request};
use crate::run::{backtest, train};

fn main() -> ExitCode {
    match answer(Request::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(diagnostic) => {
            output::complain(&diagnostic);
            interrupt::obey();
            ExitCode::from(1)
        }
    }
}

fn answer(request: Request) -> Result<()> {
    match request {
        Request::Help(words) => nodes::help(&words),
        Request::Run(run) if run.retrain => backtest(&run.backtest, ModelPolicy::Retrain),
        Request::Run(run) => backtest(&run.backtest, ModelPolicy::Reuse),
        Request::Command(Command::Train(arguments)) => train(&arguments),
        Request::Command(Command::Backtest(arguments)) => backtest(&arguments, ModelPolicy::Require),
        Request::Command(Command::Explain(arguments)) => explain::run(&arguments),
        Request::Command(Command::Check(arguments)) => check::run(&arguments),
        Request::Command(Command::Compare(arguments)) => compare::run(&arguments),
        Request::Command(Command::Report(arguments)) => report::run(&arguments),
        Request::Command(Command::Prove(arguments)) => prove::run(&arguments),
        Request::Command(Command::Snapshot(arguments)) => snapshot::run(&arguments),
        Request::Command(Command::New(arguments)) => new::run(&arguments),
        Request::Command(Command::Params(arguments)) => params::run(&arguments),
        Request::Command(Command::Tune(arguments)) => tune::run(&arguments),
        Request::Command(Command::Watch(arguments)) => watch::run(&arguments),
        Request::Command(Command::Nodes(arguments)) => nodes::run(&arguments),
        Request::Command(Command::Definitions(arguments)) => definitions::run(&arguments),
        Request::Command(Command::Data { datasets, arguments }) => data::run(arguments, &datasets),
    }
}

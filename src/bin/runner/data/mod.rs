//! `runner data`: brings bars in, lists what there is, and shows it; a file a subcommand.

mod check;
mod fetch;
mod import;
mod list;
mod series;
mod show;
mod synth;
mod table;

use std::path::Path;

use clap::{Args, Subcommand};
use timeweave::data::Catalog;
use timeweave::error::Result;
use timeweave::time::Calendar;

use crate::output::line;

/// Bring market data in, list it, show it.
#[derive(Args)]
pub struct DataArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Fetch(fetch::FetchArgs),
    Import(Box<import::ImportArgs>),
    ImportSeries(series::ImportSeriesArgs),
    /// List datasets, instruments and the timeframes that are stored.
    List,
    Show(show::ShowArgs),
    Synth(synth::SynthArgs),
    /// Record the files that a dataset has now, after a change that was meant.
    ///
    /// A file whose SHA-256 is not the one in dataset.toml is refused until then.
    Record {
        /// The dataset.
        dataset: String,
    },
}

/// Runs `runner data …` on the catalog in a folder.
pub fn run(args: DataArgs, catalog_dir: &Path) -> Result<()> {
    match args.command {
        Command::Check(args) => check::run(&args, &Catalog::open(catalog_dir)?),
        Command::Fetch(args) => fetch::run(args, catalog_dir),
        Command::Import(args) => import::run(*args, catalog_dir),
        Command::ImportSeries(args) => series::run(args, catalog_dir),
        Command::List => list::run(&Catalog::open(catalog_dir)?),
        Command::Synth(args) => synth::run(args, catalog_dir),
        Command::Show(args) => show::run(&args, &Catalog::open(catalog_dir)?),
        Command::Record { dataset } => {
            let changed = Catalog::open(catalog_dir)?.record(&dataset)?;
            match changed.as_slice() {
                [] => line(format_args!("{dataset}: every file is the one that was recorded")),
                names => line(format_args!("{dataset}: recorded {}", names.join(", "))),
            }
        }
    }
}

/// The calendar that `--calendar` and `--timezone` name.
fn calendar_called(name: &str, timezone: &str) -> Result<Calendar> {
    Calendar::new(name, Calendar::timezone_called(timezone)?)
}

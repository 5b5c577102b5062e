//! Reports: what a run came to, for people and for programs.
//!
//! [`write()`] leaves the files of a run in a folder; [`page`] is what the terminal shows;
//! [`snapshot`] is what a strategy does, as text to be compared; [`proof_page`] says whether it looks ahead.

mod charges;
mod charts;
mod figures;
mod forecasts;
mod format;
mod html;
mod json;
mod notes;
mod proof;
mod ranges;
mod snapshot;
mod statistics;
mod tables;
mod terminal;

pub use figures::{Figure, figures};
pub use format::{paragraph, wrap};
pub use html::report_html;
pub use json::{metrics_json, run_json};
pub use notes::{sample, subject, warnings};
pub use proof::{proof_json, proof_page};
pub use ranges::{Range, ranges};
pub use snapshot::{snapshot, snapshot_file};
pub use statistics::{Table, statistics};
pub use tables::{equity_parquet, signals_parquet, trades_csv};
pub use terminal::page;

use std::path::{Path, PathBuf};

use crate::data::replace_file;
use crate::error::Result;
use crate::pipeline::Outcome;

/// Writes the files of a run into a folder, each beside and then renamed, and gives their paths.
///
/// `report.html`, `metrics.json`, `trades.csv`, `equity.parquet`, `signals.parquet`, `run.json`. The
/// same run leaves the same bytes.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(outcome: &Outcome, folder: &Path) -> Result<Vec<PathBuf>> {
    let files = [
        ("report.html", report_html(outcome)?.into_bytes()),
        ("metrics.json", metrics_json(outcome)?.into_bytes()),
        ("trades.csv", trades_csv(&outcome.backtest)?),
        ("equity.parquet", equity_parquet(outcome)?),
        ("signals.parquet", signals_parquet(outcome)?),
        ("run.json", run_json(outcome)?.into_bytes()),
    ];
    let mut paths = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        replace_file(&path, &bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

//! Reports: what a run came to, for people and for programs.
//!
//! [`write()`] leaves the files of a run in a folder; [`page`] is what the terminal shows;
//! [`snapshot`] is what a strategy does, as text to be compared; [`proof_page`] says whether it looks ahead.

mod again;
mod charges;
mod charts;
mod comparison;
mod figures;
mod forecasts;
mod format;
mod html;
mod json;
mod look;
mod notes;
mod picture;
mod plain;
mod proof;
mod ranges;
mod snapshot;
mod statistics;
mod tables;
mod template;
mod terminal;

pub use again::report_again;
pub use comparison::{Change, Changes, Comparison, KeptRun, Row};
pub use figures::{Figure, figures};
pub use format::{paragraph, wrap};
pub use html::report_html;
pub use json::{metrics_json, run_json};
pub use look::Look;
pub use notes::{sample, subject, warnings};
pub use picture::picture;
pub use proof::{proof_json, proof_page};
pub use ranges::{Range, ranges};
pub use snapshot::{snapshot, snapshot_file};
pub use statistics::{Table, statistics};
pub use tables::{equity_parquet, signals_parquet, trades_csv};
pub use terminal::page;

use std::path::{Path, PathBuf};

use tracing::{debug_span, info_span};

use crate::data::replace_file;
use crate::error::Result;
use crate::pipeline::Outcome;

/// Writes the files of a run into a folder, each beside and then renamed, and gives their paths.
///
/// `report.html`, `metrics.json`, `trades.csv`, `equity.parquet`, `signals.parquet`, `run.json`, and of a script its
/// text, `script.rhai`. The same run leaves the same bytes.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(outcome: &Outcome, folder: &Path) -> Result<Vec<PathBuf>> {
    type Make = fn(&Outcome) -> Result<Vec<u8>>;
    let mut files: Vec<(&str, Make)> = vec![
        ("report.html", |outcome| report_html(outcome).map(String::into_bytes)),
        ("metrics.json", |outcome| metrics_json(outcome).map(String::into_bytes)),
        ("trades.csv", |outcome| trades_csv(&outcome.backtest)),
        ("equity.parquet", equity_parquet),
        ("signals.parquet", signals_parquet),
        ("run.json", |outcome| run_json(outcome).map(String::into_bytes)),
    ];
    if outcome.strategy.source.is_some() {
        files.push(("script.rhai", |outcome| {
            Ok(outcome.strategy.source.as_ref().map(|source| source.text.as_bytes().to_vec()).unwrap_or_default())
        }));
    }
    let _stage = info_span!("report").entered();
    let mut paths = Vec::new();
    for (name, make) in files {
        let _file = debug_span!("file", name).entered();
        let path = folder.join(name);
        replace_file(&path, &make(outcome)?)?;
        paths.push(path);
    }
    Ok(paths)
}

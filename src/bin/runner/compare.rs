//! `runner compare`: runs side by side, and what changed between them.

use std::path::PathBuf;

use clap::Args;
use timeweave::data::replace_file;
use timeweave::error::Result;
use timeweave::report::{Comparison, KeptRun};

use crate::look::LookArguments;
use crate::output::{line, text};

/// What a comparison takes.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// The folders of two runs or more; the first is what the others are compared with
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
    /// Also write a page with the equity of all runs drawn together
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    look: LookArguments,
}

/// Compares runs that were made before.
pub fn run(CompareArguments { runs, json, html, look }: &CompareArguments) -> Result<()> {
    let runs = runs.iter().map(|folder| KeptRun::read(folder)).collect::<Result<Vec<_>>>()?;
    let comparison = Comparison::of(runs)?;
    if let Some(file) = html {
        replace_file(file, comparison.html()?.as_bytes())?;
    }
    if *json {
        return text(comparison.json()?);
    }
    text(comparison.page(&look.look()))?;
    html.as_ref().map_or(Ok(()), |file| line(format_args!("\n  {}", file.display())))
}

//! `runner data import-series`: brings external series in, and tells what there is of them.

use std::path::{Path, PathBuf};

use clap::Args;
use timeweave::data::{Catalog, External, ExternalSource, ImportedSeries, Releases, SeriesImport};
use timeweave::error::Result;
use timeweave::time::{Span, Timestamp};

use crate::output::{line, text};

/// Bring a CSV file into a dataset as an external series, checked.
///
/// Each row says what a figure is about, and when it could be known: in a column, or so long after it as --lag says.
/// What decides what a strategy sees is when it could be known. Several rows may be about one date: they are
/// revisions. Every other column holds figures, or words.
#[derive(Args)]
pub struct ImportSeriesArgs {
    /// The CSV file.
    file: PathBuf,
    /// The dataset; made if it is not there.
    #[arg(long)]
    dataset: String,
    /// What the series is to be called.
    #[arg(long)]
    name: String,
    /// The column that says what each figure is about [timestamp or date].
    #[arg(long, value_name = "COLUMN")]
    date: Option<String>,
    /// The column that says from when on each could be known [available_at]. A bare date counts from its end on.
    #[arg(long, value_name = "COLUMN")]
    available: Option<String>,
    /// How long after its date a figure could be known, at the latest: 45d, 2mo.
    #[arg(long)]
    lag: Option<Span>,
    /// Where a new dataset's figures come from.
    #[arg(long)]
    source: Option<String>,
    /// What may be done with a new dataset's figures.
    #[arg(long)]
    licence: Option<String>,
}

/// Runs `runner data import-series`.
pub fn run(args: ImportSeriesArgs, catalog_dir: &Path) -> Result<()> {
    let import = SeriesImport {
        file: args.file,
        dataset: args.dataset,
        name: args.name,
        timestamp: args.date,
        available_at: args.available,
        lag: args.lag,
        source: args.source,
        licence: args.licence,
    };
    let ImportedSeries { path, releases, empty } = import.run(catalog_dir)?;
    line(format_args!("{}: {}", path.display(), extent(&releases)))?;
    match empty {
        0 => Ok(()),
        rows => line(format_args!("  left out: {rows} rows without a figure")),
    }
}

/// Shows one, if that is what a name stands for; whether it does.
pub fn show(name: &str, rows: usize, catalog: &Catalog) -> Result<bool> {
    let Ok(source) = name.parse::<ExternalSource>() else { return Ok(false) };
    if !catalog.external_series(&source.dataset).is_ok_and(|all| all.contains(&source.series)) {
        return Ok(false);
    }
    let (external, _) = catalog.external(&source, "")?;
    let releases = external.releases();
    line(format_args!("{source}  external series"))?;
    let manifest = catalog.manifest(&source.dataset)?;
    if !manifest.source.is_empty() {
        line(format_args!("source    {}", manifest.source))?;
    }
    line(format_args!("releases  {}", extent(releases)))?;
    let waits = releases.available_at().iter().zip(releases.timestamps()).map(|(known, about)| known - about);
    if let (Some(least), Some(most)) = (waits.clone().min(), waits.max()) {
        let days = |wait: i64| wait as f64 / Timestamp::DAY as f64;
        line(format_args!("known     {:.1} to {:.1} days after what they are about", days(least), days(most)))?;
    }
    match external.restarts().len() {
        0 => line("revised   never")?,
        times => line(format_args!("revised   {times} times"))?,
    }
    text(format_args!("\n{}", table(&external, rows)))?;
    Ok(true)
}

/// How many releases there are, of when, and known from when on.
fn extent(releases: &Releases) -> String {
    let all = [releases.timestamps(), releases.available_at()];
    let [about, known] = all.map(|instants| instants.first().zip(instants.iter().max()));
    let of = |range: Option<(&i64, &i64)>| {
        range.map_or_else(|| "never".into(), |(first, last)| format!("{} to {}", Timestamp(*first), Timestamp(*last)))
    };
    format!("{} releases about {}, known from {}", releases.len(), of(about), of(known))
}

/// The first and the last releases.
fn table(external: &External, rows: usize) -> String {
    let releases = external.releases();
    let names = releases.columns().iter().map(|(name, _)| format!("{name:>16}"));
    let mut text = format!("{:<20}{:<20}{}\n", "timestamp", "available_at", names.collect::<String>());
    let head = 0..rows.min(releases.len());
    let tail = releases.len().saturating_sub(rows).max(head.end)..releases.len();
    for row in head.chain(tail) {
        let [about, known] = [releases.timestamps()[row], releases.available_at()[row]].map(Timestamp);
        let values = releases.columns().iter().map(|(_, column)| format!("{:>16}", column[row]));
        text.push_str(&format!("{about:<20}{known:<20}{}\n", values.collect::<String>()));
    }
    text
}

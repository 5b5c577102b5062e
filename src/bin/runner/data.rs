//! `runner data`: brings bars in, lists what there is, and shows it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use timeweave::data::{About, Adjust, Bars, Catalog, Fault, Field, Import, Instrument, Mode};
use timeweave::error::{Diagnostic, Result};
use timeweave::time::{Calendar, Timeframe};

use crate::output::{line, text};
use crate::series::{self, ImportSeriesArgs};

/// Bring market data in, list it, show it.
#[derive(Args)]
pub struct DataArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(ImportArgs),
    ImportSeries(ImportSeriesArgs),
    /// List datasets, instruments and the timeframes that are stored.
    List,
    Show(ShowArgs),
    /// Record the files that a dataset has now, after a change that was meant.
    ///
    /// A file whose SHA-256 is not the one in dataset.toml is refused until then.
    Record {
        /// The dataset.
        dataset: String,
    },
}

/// Bring a CSV file into a dataset, checked.
///
/// Its first line names the columns: Date, Open, High, Low, Close, Volume, and others of numbers. Dates
/// are 2012-05-18 or 2012-05-18 14:30:00, in UTC unless they carry an offset. Each row is the bar that
/// opens at its date. Where the file has a column "Adj Close", prices can be adjusted with it.
#[derive(Args)]
struct ImportArgs {
    /// The CSV file.
    file: PathBuf,
    /// The dataset; made if it is not there.
    #[arg(long)]
    dataset: String,
    /// The symbol of the instrument.
    #[arg(long)]
    symbol: String,
    /// The interval of a row: 1m, 15m, 1h, 1d, 1wk, 1mo …
    #[arg(long)]
    timeframe: Timeframe,
    /// Leave wrong rows out and count them. Without this a file with a wrong row is refused.
    #[arg(long)]
    lenient: bool,
    /// Refuse a close further than this from the one before, in percent. Without this, those over
    /// 50 % are named and let in.
    #[arg(long, value_name = "PERCENT")]
    max_jump: Option<f64>,
    /// When a new dataset trades: weekdays, 24x7, or a session's hours, as 09:30-16:00.
    #[arg(long)]
    calendar: Option<String>,
    /// The timezone of a session's hours, as America/New_York.
    #[arg(long, default_value = "UTC", requires = "calendar")]
    timezone: String,
    /// What a new dataset's prices are in, as USD.
    #[arg(long)]
    currency: Option<String>,
    /// Where a new dataset's figures come from.
    #[arg(long)]
    source: Option<String>,
    /// What may be done with a new dataset's figures.
    #[arg(long)]
    licence: Option<String>,
}

/// Show an instrument's bars: how many, from when to when, the largest gap, the first and last rows.
#[derive(Args)]
struct ShowArgs {
    /// The instrument, as us_equities/AAPL; or an external series, as macro/core_cpi.
    instrument: Instrument,
    /// The timeframe; the finest that is stored if left out. Coarser bars are made of finer ones.
    #[arg(long)]
    timeframe: Option<Timeframe>,
    /// How many rows to show from each end.
    #[arg(long, default_value_t = 5)]
    rows: usize,
    /// Adjust prices for splits and dividends.
    #[arg(long)]
    adjusted: bool,
}

/// Runs `runner data …` on the catalog in a folder.
pub fn run(args: DataArgs, catalog_dir: &Path) -> Result<()> {
    match args.command {
        Command::Import(args) => import(args, catalog_dir),
        Command::ImportSeries(args) => series::import(args, catalog_dir),
        Command::List => list(&Catalog::open(catalog_dir)?),
        Command::Show(args) => show(&args, &Catalog::open(catalog_dir)?),
        Command::Record { dataset } => {
            let changed = Catalog::open(catalog_dir)?.record(&dataset)?;
            match changed.as_slice() {
                [] => line(format_args!("{dataset}: every file is the one that was recorded")),
                names => line(format_args!("{dataset}: recorded {}", names.join(", "))),
            }
        }
    }
}

fn import(args: ImportArgs, catalog_dir: &Path) -> Result<()> {
    let calendar = args.calendar.as_deref().map(|name| Calendar::new(name, Calendar::timezone_called(&args.timezone)?));
    if args.max_jump.is_some_and(|percent| !(percent > 0.0 && percent.is_finite())) {
        return Err(Diagnostic::new("--max-jump is a percentage above 0"));
    }
    let import = Import {
        instrument: format!("{}/{}", args.dataset, args.symbol).parse()?,
        file: args.file,
        timeframe: args.timeframe,
        mode: if args.lenient { Mode::Lenient } else { Mode::Strict },
        maximum_jump: args.max_jump.map(|percent| percent / 100.0),
        about: About {
            calendar: calendar.transpose()?,
            currency: args.currency,
            source: args.source,
            licence: args.licence,
        },
    };
    let done = import.run(catalog_dir)?;
    line(format_args!("{}: {} {} bars", done.path.display(), done.bars, import.timeframe))?;
    notes("left out", &done.dropped)?;
    notes("let in, but worth a look", &done.jumps)
}

/// How many faults a note lists.
const LISTED: usize = 10;

fn notes(what: &str, faults: &[Fault]) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    line(format_args!("{} {what}:", count(faults.len(), "row")))?;
    for fault in faults.iter().take(LISTED) {
        line(format_args!("  line {}: {fault}", fault.row))?;
    }
    if faults.len() > LISTED {
        line(format_args!("  and {} more", faults.len() - LISTED))?;
    }
    Ok(())
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn list(catalog: &Catalog) -> Result<()> {
    let datasets = catalog.datasets()?;
    if datasets.is_empty() {
        line("no datasets yet: `runner data import` makes one")?;
    }
    for dataset in datasets {
        let manifest = catalog.manifest(&dataset)?;
        line(format_args!("{dataset}  ({}, {})", manifest.calendar.name_and_timezone(), manifest.currency))?;
        for instrument in catalog.instruments(&dataset)? {
            let timeframes: Vec<String> = catalog.timeframes(&instrument)?.iter().map(Timeframe::to_string).collect();
            line(format_args!("  {instrument}  {}", timeframes.join(" ")))?;
        }
        for series in catalog.external_series(&dataset)? {
            line(format_args!("  {dataset}/{series}  external series"))?;
        }
    }
    Ok(())
}

fn show(args: &ShowArgs, catalog: &Catalog) -> Result<()> {
    let instrument = &args.instrument;
    if series::show(&instrument.to_string(), args.rows, catalog)? {
        return Ok(());
    }
    let stored = catalog.timeframes(instrument)?;
    let timeframe = args.timeframe.or(stored.first().copied()).unwrap_or(Timeframe::DAY);
    let bars = catalog.bars(instrument, timeframe, if args.adjusted { Adjust::Total } else { Adjust::None })?;
    let manifest = catalog.manifest(&instrument.dataset)?;
    let how = if stored.contains(&timeframe) { "stored" } else { "resampled" };
    line(format_args!("{instrument}  {timeframe}, {how}, {}", if args.adjusted { "adjusted" } else { "as traded" }))?;
    line(format_args!("calendar  {}", manifest.calendar.name_and_timezone()))?;
    if !manifest.source.is_empty() {
        line(format_args!("source    {}", manifest.source))?;
    }
    let (Some(first), Some(last)) = (0..bars.len()).next().zip((0..bars.len()).last()).unzip() else {
        return line("bars      none");
    };
    line(format_args!("bars      {} from {} to {}", bars.len(), bars.timestamp(first), bars.timestamp(last)))?;
    let since = |bar: &usize| bars.timestamps()[*bar] - bars.timestamps()[bar - 1];
    // The first of the longest, and only where the bars themselves are stored: made bars hide gaps.
    if let Some(bar) = (1..bars.len()).rev().max_by_key(since).filter(|_| stored.contains(&timeframe)) {
        line(format_args!("gap       longest from {} to {}", bars.timestamp(bar - 1), bars.timestamp(bar)))?;
    }
    if !bars.last_complete() {
        line("last bar  incomplete: the data end before its period does")?;
    }
    text(format_args!("\n{}", table(&bars, args.rows)))
}

/// The first and the last rows in columns.
fn table(bars: &Bars, rows: usize) -> String {
    let head = 0..rows.min(bars.len());
    let tail = bars.len().saturating_sub(rows).max(head.end)..bars.len();
    let columns = Field::ALL.iter().map(|field| (field.name(), bars.field(*field)));
    let columns: Vec<_> = columns.chain(bars.extra().iter().map(|(name, column)| (name.as_str(), column))).collect();
    let mut lines =
        vec![["timestamp"].into_iter().chain(columns.iter().map(|(name, _)| *name)).map(String::from).collect()];
    for bar in head.clone().chain(tail.clone()) {
        if bar == tail.start && tail.start > head.end {
            lines.push(vec!["…".to_owned(); columns.len() + 1]);
        }
        let values = columns.iter().map(|(_, column)| column[bar]).map(number);
        lines.push([bars.timestamp(bar).to_string()].into_iter().chain(values).collect::<Vec<String>>());
    }
    let width = |place: usize| lines.iter().map(|line: &Vec<String>| line[place].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..=columns.len()).map(width).collect();
    let padded = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(place, (cell, &width))| match place {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<String>>().join("  ") + "\n"
    };
    lines.iter().map(padded).collect()
}

/// Up to four digits after the point.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

//! `runner data show`: an instrument's bars at a glance.

use clap::Args;
use timeweave::data::{Adjust, Bars, Catalog, Field, Instrument};
use timeweave::error::Result;
use timeweave::time::Timeframe;

use crate::data::{series, table};
use crate::output::{line, text};

/// Show an instrument's bars: how many, from when to when, the largest gap, the first and last rows.
#[derive(Args)]
pub struct ShowArgs {
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

/// Runs `runner data show`.
pub fn run(args: &ShowArgs, catalog: &Catalog) -> Result<()> {
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
    text(format_args!("\n{}", rows_of(&bars, args.rows)))
}

/// The first and the last rows in columns.
fn rows_of(bars: &Bars, rows: usize) -> String {
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
    let numbers: Vec<usize> = (1..=columns.len()).collect();
    table::table(&lines, &numbers) + "\n"
}

/// Up to four digits after the point.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

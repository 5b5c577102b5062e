//! `runner data import`: brings files of other people into a dataset.

use std::path::{Path, PathBuf};

use clap::Args;
use timeweave::data::{About, Fault, Import, Mode};
use timeweave::error::{Diagnostic, Result};
use timeweave::time::{Calendar, Timeframe};

use crate::output::line;

/// Bring a CSV file into a dataset, checked.
///
/// Its first line names the columns: Date, Open, High, Low, Close, Volume, and others of numbers. Dates
/// are 2012-05-18 or 2012-05-18 14:30:00, in UTC unless they carry an offset. Each row is the bar that
/// opens at its date. Where the file has a column "Adj Close", prices can be adjusted with it.
#[derive(Args)]
pub struct ImportArgs {
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

/// Runs `runner data import`.
pub fn run(args: ImportArgs, catalog_dir: &Path) -> Result<()> {
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

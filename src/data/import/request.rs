//! Brings a CSV file into a dataset.

use std::path::{Path, PathBuf};

use crate::data::import::csv;
use crate::data::quality::{check_pace, refusal};
use crate::data::{About, Bars, Dataset, Fault, Instrument, Merge};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// What happens to rows that are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// The file is refused, with all that is wrong in it.
    #[default]
    Strict,
    /// They are left out and counted. A file is still refused where that would be half of it.
    Lenient,
}

/// A CSV file and what to make of it.
///
/// Its first line names the columns, in any case and order: `Date` (or `timestamp`, `time`, `datetime`),
/// `Open High Low Close Volume`, and others of numbers, as `Adj Close`. Dates are read as by
/// [`Timestamp`]'s `from_str`.
#[derive(Clone, Debug)]
pub struct Import {
    /// The CSV file.
    pub file: PathBuf,
    /// What it holds the bars of.
    pub instrument: Instrument,
    /// The interval of a row.
    pub timeframe: Timeframe,
    /// What happens to rows that are wrong.
    pub mode: Mode,
    /// Refuse a close that lies further than this from the one before it, as a proportion. Without
    /// it such closes are let in: [`Imported::jumps`] has those over 50 %. They are judged by
    /// `adj_close` where there is one, as a split is no jump.
    pub maximum_jump: Option<f64>,
    /// What is said of the dataset.
    pub about: About,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The Parquet file that was written.
    pub path: PathBuf,
    /// How many bars it has.
    pub bars: usize,
    /// The rows that were left out.
    pub dropped: Vec<Fault>,
    /// Closes that lie more than 50 % from the one before them. The bars are in the file.
    pub jumps: Vec<Fault>,
}

/// A jump over 50 % is worth a look.
const SUSPICIOUS_JUMP: f64 = 0.5;

impl Import {
    /// Reads and checks the CSV, writes `SYMBOL/TIMEFRAME.parquet` into the dataset below `datasets`, and
    /// records its hash in `dataset.toml`. The dataset's own calendar counts where it exists already.
    ///
    /// # Errors
    /// Where a file cannot be read or written, a column is missing, or rows are wrong.
    pub fn run(&self, datasets: &Path) -> Result<Imported> {
        let mut dataset = Dataset::open(datasets, &self.instrument.dataset, &self.about)?;
        let name = self.file.display().to_string();
        let allowed = self.maximum_jump.unwrap_or(SUSPICIOUS_JUMP);
        let table = csv::read(&self.file, self.timeframe, dataset.calendar(), allowed)?;
        if table.newest_first {
            return Err(Diagnostic::new("the rows run from the newest to the oldest")
                .hint("sort the file so that the oldest row comes first")
                .at(Origin::file(name)));
        }
        let half = table.faults.len() > table.bars.len();
        if !table.faults.is_empty() && (self.mode == Mode::Strict || half) {
            let hint = match self.mode {
                Mode::Lenient => "--lenient leaves wrong rows out, but not half of a file or more",
                Mode::Strict => "mend the rows, or leave them out with --lenient",
            };
            return Err(refusal(&name, "line", &table.faults).hint(hint));
        }
        if self.maximum_jump.is_some() && !table.jumps.is_empty() {
            let hint = "check them; a higher --max-jump lets them in, and without it they are only named";
            return Err(refusal(&name, "line", &table.jumps).hint(hint));
        }
        check_pace(self.timeframe, table.bars.timestamps()).map_err(|error| error.at(Origin::file(name.as_str())))?;
        self.check_weekends(&table.bars, &dataset)?;
        let stored = dataset.store(&self.instrument.symbol, &table.bars, Merge::Replace)?;
        Ok(Imported { path: stored.path, bars: stored.bars, dropped: table.faults, jumps: table.jumps })
    }

    /// A new dataset of which nobody said when it trades, with bars on weekends: ask.
    fn check_weekends(&self, bars: &Bars, dataset: &Dataset) -> Result<()> {
        if self.about.calendar.is_some() || !dataset.is_new() {
            return Ok(());
        }
        let mut weekends = bars.timestamps().iter().map(|&open| Timestamp(open)).filter(|open| {
            // The week that a weekend's bar belongs to opens after it.
            Calendar::Weekdays.period_start(Timeframe::WEEK, *open) > *open
        });
        let Some(first) = weekends.next() else { return Ok(()) };
        let message = match weekends.count() {
            0 => format!("a bar lies on a weekend, on {first}"),
            more => format!("{} bars lie on weekends, the first on {first}", more + 1),
        };
        Err(Diagnostic::new(message)
            .hint("say when it trades: --calendar 24x7, or --calendar weekdays if these bars are exceptions")
            .at(Origin::file(self.file.display().to_string())))
    }
}

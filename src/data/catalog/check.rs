//! A look at every bar that is stored of a dataset: what is wrong, what is suspicious, and what is missing.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::data::catalog::datasets::sha256_as_recorded;
use crate::data::catalog::{parquet_name, parquet_path};
use crate::data::files::{ParquetFile, examined, five};
use crate::data::quality::check_pace;
use crate::data::{Catalog, Fault, Instrument, Manifest};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// What a look at one stored file found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The file below the catalog's folder: `us_equities/AAPL/1d.parquet`.
    pub file: String,
    /// How many rows it has.
    pub rows: usize,
    /// When the first and the last bar open.
    pub range: Option<(Timestamp, Timestamp)>,
    /// What is wrong with the file as a whole: it cannot be read, is not the one that is recorded, or has another
    /// timeframe than its name says.
    pub broken: Option<Diagnostic>,
    /// The rows that are wrong, all of them.
    pub faults: Vec<Fault>,
    /// Closes that lie more than 50 % from the one before. They may be right.
    pub jumps: Vec<Fault>,
    /// The months from the first bar to the last, and how many bars are missing in each, by the calendar.
    pub months: Vec<MonthOfBars>,
}

/// How whole a month is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOfBars {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u32,
    /// How many bars the calendar has in it, from the first bar stored to the last.
    pub expected: usize,
    /// How many of them are not there.
    pub missing: usize,
}

impl Checked {
    /// Whether nothing is wrong; gaps and jumps are not.
    pub fn is_right(&self) -> bool {
        self.broken.is_none() && self.faults.is_empty()
    }

    /// How many bars are missing, by the calendar.
    pub fn missing(&self) -> usize {
        self.months.iter().map(|month| month.missing).sum()
    }
}

impl Catalog {
    /// Looks at every bar that is stored of a dataset.
    ///
    /// # Errors
    /// Where there is no such dataset, or its `dataset.toml` is not right. What is wrong with its files is told
    /// in the result.
    pub fn check(&self, dataset: &str) -> Result<Vec<Checked>> {
        let manifest = self.manifest(dataset)?;
        let mut checked = Vec::new();
        for instrument in self.instruments(dataset)? {
            for timeframe in self.timeframes(&instrument)? {
                checked.push(self.check_file(&manifest, &instrument, timeframe));
            }
        }
        let stored: Vec<&str> = checked.iter().map(|one: &Checked| one.file.as_str()).collect();
        let gone = manifest.files.keys().map(|name| format!("{dataset}/{name}"));
        let gone = gone.filter(|file| !stored.contains(&file.as_str()) && !self.folder.join(file).is_file());
        let lost =
            |file: String| Checked {
                broken: Some(Diagnostic::new("dataset.toml records it, and it is not there").hint(format!(
                    "bring it back; or, if it was taken away on purpose, `runner data record {dataset}`"
                ))),
                ..Checked::of(file)
            };
        let lost: Vec<Checked> = gone.map(lost).collect();
        checked.extend(lost);
        Ok(checked)
    }

    fn check_file(&self, manifest: &Manifest, instrument: &Instrument, timeframe: Timeframe) -> Checked {
        let Instrument { dataset, symbol } = instrument;
        let name = parquet_name(symbol, timeframe);
        let path = parquet_path(&self.folder.join(dataset), symbol, timeframe);
        let mut checked = Checked::of(format!("{dataset}/{name}"));
        let columns = ParquetFile::open(&path).and_then(|file| file.columns(None));
        let (timestamps, columns) = match columns {
            Ok(columns) => columns,
            Err(broken) => return Checked { broken: Some(broken), ..checked },
        };
        let adjusted = columns.iter().find(|(name, _)| name == "adj_close").map(|(_, column)| column);
        let (faults, jumps) = examined(timeframe, &manifest.calendar, &timestamps, &five(&columns), adjusted);
        checked.rows = timestamps.len();
        checked.range =
            timestamps.iter().min().zip(timestamps.iter().max()).map(|(a, b)| (Timestamp(*a), Timestamp(*b)));
        if faults.is_empty() {
            checked.months = months(&manifest.calendar, timeframe, &timestamps);
        }
        let recorded = sha256_as_recorded(manifest, dataset, &name, &path);
        let paced = || check_pace(timeframe, &timestamps);
        checked.broken = recorded.and_then(|_| if faults.is_empty() { paced() } else { Ok(()) }).err();
        Checked { faults, jumps, ..checked }
    }
}

impl Checked {
    fn of(file: String) -> Self {
        Self { file, rows: 0, range: None, broken: None, faults: Vec::new(), jumps: Vec::new(), months: Vec::new() }
    }
}

/// How many bars the calendar has in each month from the first bar to the last, and how many are missing.
fn months(calendar: &Calendar, timeframe: Timeframe, timestamps: &[i64]) -> Vec<MonthOfBars> {
    let (Some(&first), Some(&last)) = (timestamps.first(), timestamps.last()) else { return Vec::new() };
    let mut months: BTreeMap<(i32, u32), (usize, usize)> = BTreeMap::new();
    // A bar that opens off the calendar's grid, as at the first trade of a session, stands for the one of its period.
    let mut own =
        timestamps.iter().map(|open| calendar.period_start(timeframe, Timestamp(*open)).min(Timestamp(*open)));
    let mut next = own.next();
    for open in calendar.openings(timeframe, Timestamp(first)).take_while(|open| open.0 <= last) {
        while next.is_some_and(|own| own < open) {
            next = own.next();
        }
        let date = open.date();
        let (expected, missing) = months.entry((date.year(), date.month())).or_default();
        *expected += 1;
        *missing += usize::from(next != Some(open));
    }
    let month = |((year, month), (expected, missing))| MonthOfBars { year, month, expected, missing };
    months.into_iter().map(month).collect()
}

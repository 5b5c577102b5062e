//! What can be wrong with a row of bars, in words, with the value.

use std::fmt;

use crate::error::{Diagnostic, Origin};
use crate::time::{Timeframe, Timestamp};

/// How many faults one message lists.
const LISTED: usize = 10;

/// Something wrong with one row of a file; displayed in words, with the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The line of a text file, or the row of a Parquet file; both from 1.
    pub row: usize,
    pub(in crate::data) problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// What can be wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::data) enum Problem {
    /// A row with more or fewer values than the header names.
    Width { expected: usize, found: usize },
    /// A value that should be a number.
    NotANumber { column: String, text: String },
    /// A value that should be a date.
    NotADate { text: String },
    /// A symbol that is no name of a folder.
    NotASymbol { text: String },
    /// A time of a clock of which nobody said where it hung.
    NoZone { local: Timestamp },
    /// A time that the clocks of a zone skipped.
    Skipped { local: Timestamp, zone: &'static str },
    /// A time that the clocks of a zone showed twice.
    Unsettled { local: Timestamp, zone: &'static str },
    /// A date before the year 1 or after 9999.
    OutOfTime,
    /// A price or volume that is empty, NaN or infinite.
    NotFinite { column: &'static str, value: f64 },
    /// A price of zero or less.
    NotPositive { column: &'static str, value: f64 },
    /// A volume below zero.
    NegativeVolume { value: f64 },
    /// A high below the bar's open, low or close.
    HighTooLow { high: f64, column: &'static str, value: f64 },
    /// A low above the bar's open or close.
    LowTooHigh { low: f64, column: &'static str, value: f64 },
    /// A row that comes before the one above it.
    Unsorted { timestamp: Timestamp, above: Timestamp },
    /// A second row for the same instant.
    Duplicate { timestamp: Timestamp, row: usize },
    /// A second row in the same period of the timeframe.
    SamePeriod { timestamp: Timestamp, above: Timestamp, timeframe: Timeframe },
    /// A close that lies far from the one before it. It may be right: markets crash.
    Jump { from: f64, to: f64, column: &'static str },
    /// A release that could be known before what it is about.
    KnownBefore { about: Timestamp, known: Timestamp },
    /// A figure of a release that is infinite.
    Infinite { column: String, value: f64 },
    /// A release without a figure.
    NoFigure,
    /// A second release about one date from one instant on.
    SameRelease { about: Timestamp, row: usize },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Width { expected, found } => write!(f, "{found} values where the header names {expected}"),
            Problem::NotANumber { column, text } if text.is_empty() => write!(f, "{column} is empty"),
            Problem::NotANumber { column, text } => write!(f, "{column} is `{text}`, which is no number"),
            Problem::NotADate { text } if text.is_empty() => write!(f, "the date is empty"),
            Problem::NotADate { text } => write!(f, "`{text}` is no date in the format of the others"),
            Problem::NotASymbol { text } if text.is_empty() => write!(f, "the symbol is empty"),
            Problem::NotASymbol { text } => {
                write!(f, "`{text}` is no symbol: letters, digits, `_`, `-`, `.`, `^` and `=` are allowed")
            }
            Problem::NoZone { local } => {
                write!(f, "{local} is a time of the day, and it is not known where that clock hung")
            }
            Problem::Skipped { local, zone } => write!(f, "the clocks of {zone} skipped {local}"),
            Problem::Unsettled { local, zone } => {
                write!(f, "the clocks of {zone} showed {local} twice, and the rows around it do not tell which it is")
            }
            Problem::OutOfTime => write!(f, "the date lies outside the years 1 to 9999"),
            Problem::NotFinite { column, value } if value.is_nan() => write!(f, "{column} is empty or NaN"),
            Problem::NotFinite { column, value } => write!(f, "{column} is {value}"),
            Problem::NotPositive { column, value } => write!(f, "{column} is {value}: prices are above zero"),
            Problem::NegativeVolume { value } => write!(f, "volume is {value}: it cannot be negative"),
            Problem::HighTooLow { high, column, value } => write!(f, "high {high} is below {column} {value}"),
            Problem::LowTooHigh { low, column, value } => write!(f, "low {low} is above {column} {value}"),
            Problem::Unsorted { timestamp, above } => {
                write!(f, "{timestamp} stands below {above}: not in order of time")
            }
            Problem::Duplicate { timestamp, row } => write!(f, "a second row for {timestamp} (the first: {row})"),
            Problem::SamePeriod { timestamp, above, timeframe } => {
                write!(f, "{timestamp} lies in the same {timeframe} as {above}: is that the timeframe?")
            }
            Problem::Jump { from, to, column } => {
                write!(f, "{column} goes from {from} to {to}: a jump of {:+.1} %", (to / from - 1.0) * 100.0)
            }
            Problem::KnownBefore { about, known } => {
                write!(f, "it is available at {known}, before {about}, which it is about")
            }
            Problem::Infinite { column, value } => write!(f, "`{column}` is {value}: figures are finite"),
            Problem::NoFigure => write!(f, "it has no figure"),
            Problem::SameRelease { about, row } => {
                write!(f, "it is about {about} from the same instant on as row {row}")
            }
        }
    }
}

/// One message for the faults of a file: the first ones, and how many there are in all.
pub(in crate::data) fn refusal(file: &str, unit: &str, faults: &[Fault], of: usize) -> Diagnostic {
    let count = match of {
        1 => "1 row is".to_owned(),
        n => format!("{n} rows are"),
    };
    let mut message = format!("{count} wrong:");
    for fault in faults.iter().take(LISTED) {
        message.push_str(&format!("\n  {unit} {}: {fault}", fault.row));
    }
    if of > LISTED {
        message.push_str(&format!("\n  and {} more", of - LISTED));
    }
    Diagnostic::new(message).at(Origin::file(file))
}

//! What can be wrong with bars: each fault by row and value, for imports and for files that somebody
//! else wrote.

use std::fmt;
use std::ops::Range;

use crate::data::{Column, Field};
use crate::error::{Diagnostic, Origin};
use crate::time::{Calendar, Timeframe, Timestamp};

/// How far a price may lie outside its bar's range, as a proportion: what rounding leaves in prices
/// that somebody adjusted.
const ROUNDING: f64 = 1e-9;
/// From 0001-01-01 to 9999-12-31.
const TIME: Range<i64> = -719_162 * Timestamp::DAY..2_932_897 * Timestamp::DAY;
/// How many faults one message lists.
const LISTED: usize = 10;

/// Something wrong with one row of a file; displayed in words, with the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The line of a text file, or the row of a Parquet file; both from 1.
    pub row: usize,
    pub(super) problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// What can be wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// A row with more or fewer values than the header names.
    Width { expected: usize, found: usize },
    /// A value that should be a number.
    NotANumber { column: String, text: String },
    /// A value that should be a date.
    NotADate { text: String },
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
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Width { expected, found } => write!(f, "{found} values where the header names {expected}"),
            Problem::NotANumber { column, text } if text.is_empty() => write!(f, "{column} is empty"),
            Problem::NotANumber { column, text } => write!(f, "{column} is `{text}`, which is no number"),
            Problem::NotADate { text } if text.is_empty() => write!(f, "the date is empty"),
            Problem::NotADate { text } => write!(f, "`{text}` is no date"),
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
        }
    }
}

/// One row as the checks see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The line of a text file, or the row of a Parquet file; both from 1.
    pub number: usize,
    /// The bar's opening instant.
    pub timestamp: Timestamp,
    /// The bar's values in the order of [`Field::ALL`].
    pub values: [f64; 5],
    /// The adjusted close, where the file has one.
    pub adjusted_close: Option<f64>,
}

/// Checks rows one after the other.
#[derive(Clone, Debug)]
pub(super) struct Checker {
    calendar: Calendar,
    timeframe: Timeframe,
    last: Option<(usize, Timestamp)>,
    /// The end of the last row's period.
    until: Timestamp,
    /// The last row's close, adjusted where the file has that.
    close: Option<f64>,
}

impl Checker {
    /// A checker that has seen no row.
    pub fn new(calendar: Calendar, timeframe: Timeframe) -> Self {
        Self { calendar, timeframe, last: None, until: Timestamp(i64::MIN), close: None }
    }

    /// Checks a row against the rows that were right before it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&mut self, row: &Row) -> Result<(), Problem> {
        values(row)?;
        self.order(row)?;
        self.last = Some((row.number, row.timestamp));
        Ok(())
    }

    /// How the close of a row that was right differs from the one before, where that is more than
    /// `allowed` (0.5 for 50 %, up or down).
    pub fn jump(&mut self, row: &Row, allowed: f64) -> Option<Problem> {
        let column = if row.adjusted_close.is_some() { "adj_close" } else { Field::Close.name() };
        let to = row.adjusted_close.unwrap_or(row.values[Field::Close as usize]);
        let from = self.close.replace(to)?;
        ((to / from - 1.0).abs() > allowed).then_some(Problem::Jump { from, to, column })
    }

    fn order(&mut self, row: &Row) -> Result<(), Problem> {
        let timestamp = row.timestamp;
        if let Some((number, above)) = self.last {
            if timestamp == above {
                return Err(Problem::Duplicate { timestamp, row: number });
            }
            if timestamp < above {
                return Err(Problem::Unsorted { timestamp, above });
            }
            // Intraday bars need not lie on our grid: a session may begin with a short bar.
            if timestamp < self.until && !self.timeframe.is_intraday() {
                return Err(Problem::SamePeriod { timestamp, above, timeframe: self.timeframe });
            }
        }
        if !self.timeframe.is_intraday() && timestamp >= self.until {
            self.until = self.calendar.period(self.timeframe, timestamp).end;
        }
        Ok(())
    }
}

fn values(row: &Row) -> Result<(), Problem> {
    if !TIME.contains(&row.timestamp.0) {
        return Err(Problem::OutOfTime);
    }
    let [open, high, low, close, volume] = row.values;
    let adjusted = row.adjusted_close.map(|value| ("adj_close", value));
    let prices = [("open", open), ("high", high), ("low", low), ("close", close)];
    for (column, value) in prices.into_iter().chain(adjusted) {
        if !value.is_finite() {
            return Err(Problem::NotFinite { column, value });
        }
        if value <= 0.0 {
            return Err(Problem::NotPositive { column, value });
        }
    }
    if !volume.is_finite() {
        return Err(Problem::NotFinite { column: Field::Volume.name(), value: volume });
    }
    if volume < 0.0 {
        return Err(Problem::NegativeVolume { value: volume });
    }
    for (column, value) in [("low", low), ("open", open), ("close", close)] {
        if value > high * (1.0 + ROUNDING) {
            return Err(Problem::HighTooLow { high, column, value });
        }
        if value < low * (1.0 - ROUNDING) {
            return Err(Problem::LowTooHigh { low, column, value });
        }
    }
    Ok(())
}

/// Whether intraday rows are right without any doubt, column by column: most files are, and of those
/// no row has to be looked at alone.
pub(super) fn surely_right(timestamps: &[i64], fields: &[Column; 5], adjusted: Option<&Column>) -> bool {
    /// Values looked at together, so that the machine compares several at once.
    const VALUES: usize = 64;
    let all = |column: &[f64], right: fn(f64) -> bool| {
        column.chunks(VALUES).all(|values| values.iter().fold(true, |all, value| all & right(*value)))
    };
    let ordered = |low: &[f64], high: &[f64]| {
        let right = |(low, high): (&[f64], &[f64])| low.iter().zip(high).fold(true, |all, (a, b)| all & (a <= b));
        low.chunks(VALUES).zip(high.chunks(VALUES)).all(right)
    };
    let [open, high, low, close, volume] = fields;
    let ends = [timestamps.first(), timestamps.last()].into_iter().flatten();
    ends.copied().all(|timestamp| TIME.contains(&timestamp))
        && timestamps.windows(2).all(|pair| pair[0] < pair[1])
        && all(low, |price| price > 0.0)
        && all(high, |price| price < f64::INFINITY)
        && adjusted.is_none_or(|column| all(column, |price| price > 0.0 && price < f64::INFINITY))
        && all(volume, |volume| (0.0..f64::INFINITY).contains(&volume))
        && [open, close].into_iter().all(|price| ordered(low, price) && ordered(price, high))
}

/// Says where bars do not come at the pace of their timeframe: for the most part closer, or never closer
/// than twice of it. Under a wrong timeframe, values would be known at a wrong time.
pub(super) fn check_pace(timeframe: Timeframe, timestamps: &[i64]) -> Result<(), Diagnostic> {
    if timeframe.is_intraday() && timeframe.seconds() >= 4 * 3600 {
        // Bars of many hours come as sessions let them: once a session, or cut off at its close.
        return Ok(());
    }
    let span = timeframe.seconds() * Timestamp::SECOND;
    let gaps = || timestamps.windows(2).map(|pair| pair[1] - pair[0]);
    let dense = timeframe.is_intraday() && gaps().filter(|gap| *gap < span).count() * 2 > timestamps.len();
    let sparse = timestamps.len() >= 20 && gaps().all(|gap| gap >= 2 * span);
    let closest = gaps().min().filter(|_| dense || sparse);
    closest.map_or(Ok(()), |closest| {
        let minutes = closest / (60 * Timestamp::SECOND);
        let apart = match minutes {
            m if m >= 1440 => format!("{:.1} days", m as f64 / 1440.0),
            m => format!("{m} minutes"),
        };
        Err(Diagnostic::new(format!("these are no {timeframe} bars: the closest are {apart} apart"))
            .hint("name the timeframe that the file has; coarser ones are made of it"))
    })
}

/// One message for the faults of a file: the first ones, and how many more there are.
pub(super) fn refusal(file: &str, unit: &str, faults: &[Fault]) -> Diagnostic {
    let count = match faults.len() {
        1 => "1 row is".to_owned(),
        n => format!("{n} rows are"),
    };
    let mut message = format!("{count} wrong:");
    for fault in faults.iter().take(LISTED) {
        message.push_str(&format!("\n  {unit} {}: {fault}", fault.row));
    }
    if faults.len() > LISTED {
        message.push_str(&format!("\n  and {} more", faults.len() - LISTED));
    }
    Diagnostic::new(message).at(Origin::file(file))
}

//! Bars checked row by row, for imports and for files that somebody else wrote.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::data::quality::Problem;
use crate::data::{Column, Field};
use crate::error::Diagnostic;
use crate::time::{Calendar, Timeframe, Timestamp};

/// How far a price may lie outside its bar's range, as a proportion: what rounding leaves in prices
/// that somebody adjusted.
const ROUNDING: f64 = 1e-9;
/// From 0001-01-01 to 9999-12-31.
pub(in crate::data) const TIME: Range<i64> = -719_162 * Timestamp::DAY..2_932_897 * Timestamp::DAY;

/// A close that lies further than this from the one before is worth a look, as a proportion.
pub(in crate::data) const SUSPICIOUS_JUMP: f64 = 0.5;

/// One row as the checks see it.
#[derive(Clone, Copy, Debug)]
pub(in crate::data) struct Row {
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
pub(in crate::data) struct Checker {
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
/// no row has to be looked at alone. Linear time, on as many threads as there are.
pub(in crate::data) fn surely_right(timestamps: &[i64], fields: &[Column; 5], adjusted: Option<&Column>) -> bool {
    /// Rows that stay in the processor's cache while all of their columns are looked at.
    const BLOCK: usize = 1 << 14;
    let right = |block: usize| {
        let rows = block * BLOCK..timestamps.len().min((block + 1) * BLOCK);
        let with_the_one_before = rows.start.saturating_sub(1)..rows.end;
        let fields = fields.each_ref().map(|column| &column[rows.clone()]);
        let adjusted = adjusted.map(|column| &column[rows.clone()]);
        in_order(&timestamps[with_the_one_before]) && block_is_right(fields, adjusted)
    };
    let ends = [timestamps.first(), timestamps.last()].into_iter().flatten();
    ends.copied().all(|timestamp| TIME.contains(&timestamp))
        && (0..timestamps.len().div_ceil(BLOCK)).into_par_iter().all(right)
}

/// Without an early end, so that the machine compares several at once.
fn in_order(timestamps: &[i64]) -> bool {
    timestamps.windows(2).fold(true, |all, pair| all & (pair[0] < pair[1]))
}

fn block_is_right([open, high, low, close, volume]: [&[f64]; 5], adjusted: Option<&[f64]>) -> bool {
    let all = |column: &[f64], right: fn(f64) -> bool| column.iter().fold(true, |all, value| all & right(*value));
    let ordered = |low: &[f64], high: &[f64]| low.iter().zip(high).fold(true, |all, (a, b)| all & (a <= b));
    all(low, |price| price > 0.0)
        && all(high, |price| price < f64::INFINITY)
        && adjusted.is_none_or(|column| all(column, |price| price > 0.0 && price < f64::INFINITY))
        && all(volume, |volume| (0.0..f64::INFINITY).contains(&volume))
        && [open, close].into_iter().all(|price| ordered(low, price) && ordered(price, high))
}

/// The pace at which bars come.
#[derive(Clone, Debug)]
pub(in crate::data) struct Pace {
    timeframe: Timeframe,
    last: Option<Timestamp>,
    bars: usize,
    /// Gaps shorter than the timeframe.
    short: usize,
    closest: i64,
}

impl Pace {
    /// A pace of which no bar is known.
    pub fn new(timeframe: Timeframe) -> Self {
        Self { timeframe, last: None, bars: 0, short: 0, closest: i64::MAX }
    }

    /// Takes note of the next bar.
    pub fn push(&mut self, open: Timestamp) {
        if let Some(last) = self.last.replace(open) {
            let gap = open.0.saturating_sub(last.0);
            self.short += usize::from(gap < self.timeframe.seconds() * Timestamp::SECOND);
            self.closest = self.closest.min(gap);
        }
        self.bars += 1;
    }

    /// Says where bars do not come at the pace of their timeframe: for the most part closer, or never closer
    /// than twice of it. Under a wrong timeframe, values would be known at a wrong time.
    ///
    /// # Errors
    /// Where they do not.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let timeframe = self.timeframe;
        if timeframe.is_intraday() && timeframe.seconds() >= 4 * 3600 {
            // Bars of many hours come as sessions let them: once a session, or cut off at its close.
            return Ok(());
        }
        let span = timeframe.seconds() * Timestamp::SECOND;
        let dense = timeframe.is_intraday() && self.short * 2 > self.bars;
        let sparse = self.bars >= 20 && self.closest >= 2 * span;
        if self.bars < 2 || !(dense || sparse) {
            return Ok(());
        }
        let seconds = self.closest / Timestamp::SECOND;
        let apart = match seconds {
            s if s >= 86_400 => format!("{:.1} days", s as f64 / 86_400.0),
            s if s >= 60 => format!("{} minutes", s / 60),
            s => format!("{s} seconds"),
        };
        Err(Diagnostic::new(format!("these are no {timeframe} bars: the closest are {apart} apart"))
            .hint("name the timeframe that the file has; coarser ones are made of it"))
    }
}

/// [`Pace::check`] of a column of opening instants.
///
/// # Errors
/// As it.
pub(in crate::data) fn check_pace(timeframe: Timeframe, timestamps: &[i64]) -> Result<(), Diagnostic> {
    let span = timeframe.seconds() * Timestamp::SECOND;
    let gaps = timestamps.windows(2).map(|pair| pair[1] - pair[0]);
    let (short, closest) =
        gaps.fold((0, i64::MAX), |(short, closest), gap| (short + usize::from(gap < span), closest.min(gap)));
    Pace { timeframe, last: None, bars: timestamps.len(), short, closest }.check()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What may stand in a cell by mistake.
    const WRONG: [f64; 7] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e-9, 1e9];

    proptest! {
        /// One cell of some rows is changed, at the edge of a block now and then.
        #[test]
        fn what_is_surely_right_is_right_row_by_row(
            length in prop_oneof![1..40_usize, 16_380..16_390_usize, 32_765..32_772_usize],
            place in prop_oneof![0..40_000_usize, 16_382..16_387_usize],
            column in 0..8_usize,
            value in prop::sample::select(WRONG.to_vec()),
            late in -2..3_i64,
        ) {
            const MINUTE: i64 = 60 * Timestamp::SECOND;
            let (place, closes) = (place % length, (0..length).map(|row| 100.0 + (row * 7919 % 101) as f64));
            let mut timestamps: Vec<i64> = (0..length as i64).map(|row| row * MINUTE).collect();
            let mut cells: [Vec<f64>; 6] =
                [0.0, 1.0, -1.0, 0.5, 900.0, -50.0].map(|add| closes.clone().map(|close| close + add).collect());
            match column {
                6 => timestamps[place] += late * MINUTE,
                7 => {}
                column => cells[column][place] = value,
            }
            let [fields @ .., adjusted] = cells.map(Column::from);
            let mut checker = Checker::new(Calendar::Continuous, "1m".parse().unwrap());
            let right = (0..length).all(|row| {
                let values = fields.each_ref().map(|column| column[row]);
                let row = Row {
                    number: row + 1,
                    timestamp: Timestamp(timestamps[row]),
                    values,
                    adjusted_close: Some(adjusted[row]),
                };
                checker.check(&row).is_ok()
            });
            prop_assert_eq!(surely_right(&timestamps, &fields, Some(&adjusted)), right);
        }
    }
}

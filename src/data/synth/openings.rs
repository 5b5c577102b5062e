//! When the bars of a calendar open, and how long they last.

use crate::data::synth::Length;
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp, Unit};

/// So many bars of one instrument can be made at once.
const MOST: usize = 100_000_000;
/// 9999-01-01: what lies after it is refused in files.
const LATEST: Timestamp = Timestamp(2_932_532 * Timestamp::DAY);

/// The opening instants of the bars of a calendar from an instant on.
///
/// # Errors
/// Where there are none, or more than can be.
pub(super) fn openings(calendar: &Calendar, timeframe: Timeframe, from: Timestamp, length: Length) -> Result<Vec<i64>> {
    if timeframe.is_intraday() && timeframe > Timeframe::DAY {
        return Err(Diagnostic::new(format!("{timeframe} bars are longer than a day"))
            .hint("bars of several days are written in days: \"2d\""));
    }
    if from < Timestamp(-719_162 * Timestamp::DAY) {
        return Err(Diagnostic::new(format!("bars from {from} on: the years 1 to 9998 are allowed")));
    }
    let wanted = match length {
        Length::Bars(bars) => bars,
        Length::Until(_) => MOST + 1,
    };
    let until = match length {
        Length::Bars(_) => LATEST,
        Length::Until(until) => until.min(LATEST),
    };
    let mut found: Vec<i64> = Vec::new();
    for open in calendar.openings(timeframe, from) {
        if found.len() > MOST || found.len() >= wanted || open >= until {
            break;
        }
        if calendar.close_instant(timeframe, open) <= until {
            found.push(open.0);
        }
    }
    match found.len() {
        0 => {
            Err(Diagnostic::new("no bar lies there")
                .hint("ask for one bar or more, and for an end after the beginning"))
        }
        count if count > MOST => Err(Diagnostic::new(format!("more than {MOST} bars of one instrument"))),
        count if matches!(length, Length::Bars(bars) if count < bars) => {
            Err(Diagnostic::new(format!("only {count} {timeframe} bars lie before the year 9999")))
        }
        _ => Ok(found),
    }
}

/// How many years a whole bar lasts, of the time in which the market trades.
pub(super) fn years(calendar: &Calendar, timeframe: Timeframe) -> f64 {
    let days = if *calendar == Calendar::Continuous { 365.0 } else { 252.0 };
    let count = f64::from(timeframe.count());
    match timeframe.unit() {
        Unit::Day => count / days,
        Unit::Week => count / 52.0,
        Unit::Month => count / 12.0,
        _ => {
            // A Monday's hours: daylight saving moves them, and leaves their number.
            let day = calendar.period(Timeframe::DAY, Timestamp(4 * Timestamp::DAY));
            let trading = ((day.end.0 - day.start.0) / Timestamp::SECOND) as f64;
            timeframe.seconds() as f64 / (trading * days)
        }
    }
}

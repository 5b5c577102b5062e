//! An instant in UTC, to the microsecond.

use std::fmt;
use std::str::FromStr;

use bytemuck::TransparentWrapper;
use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::error::{Diagnostic, Result};

/// Microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, TransparentWrapper)]
#[repr(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds in a second.
    pub const SECOND: i64 = 1_000_000;
    /// Microseconds in a day.
    pub const DAY: i64 = 86_400 * Self::SECOND;

    /// Midnight UTC at the start of a date.
    pub fn midnight(date: NaiveDate) -> Self {
        Self((date - NaiveDate::default()).num_days() * Self::DAY)
    }

    /// The UTC date of this instant (the nearest one that can be written, beyond the year 262142).
    pub fn date(self) -> NaiveDate {
        self.date_time().map_or(if self.0 < 0 { NaiveDate::MIN } else { NaiveDate::MAX }, |t| t.date_naive())
    }

    /// The date that a text names without a time of day: year, month and day with `-` between them, of as many digits as
    /// they are written with. None where a text names an instant, be it midnight, or nothing.
    ///
    /// ```
    /// use timeweave::time::Timestamp;
    ///
    /// assert_eq!(Timestamp::bare_date("2012-5-18"), Timestamp::bare_date("2012-05-18"));
    /// assert!(Timestamp::bare_date("2012-05-18").is_some());
    /// assert!(Timestamp::bare_date("2012-05-18 00:00").is_none());
    /// ```
    pub fn bare_date(text: &str) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()
    }

    /// The end of what a text names: of a bare date the midnight after it, for it does not say at what time of it;
    /// of an instant the instant itself.
    ///
    /// ```
    /// use timeweave::time::Timestamp;
    ///
    /// assert_eq!(Timestamp::end_of("2012-5-18")?.to_string(), "2012-05-19");
    /// assert_eq!(Timestamp::end_of("2012-05-18 00:00")?.to_string(), "2012-05-18");
    /// # Ok::<(), timeweave::error::Diagnostic>(())
    /// ```
    ///
    /// # Errors
    /// Where the text names neither.
    pub fn end_of(text: &str) -> Result<Self> {
        match Self::bare_date(text) {
            Some(date) => Ok(Self::midnight(date).next_day()),
            None => text.parse(),
        }
    }

    /// A day of 24 hours later.
    #[must_use]
    pub fn next_day(self) -> Self {
        Self(self.0.saturating_add(Self::DAY))
    }

    /// Date and time in UTC; none beyond the year 262142.
    pub(super) fn date_time(self) -> Option<DateTime<chrono::Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

impl fmt::Display for Timestamp {
    /// `2012-05-18` at midnight, else `2012-05-18 14:30`, with seconds where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(time) = self.date_time() else { return write!(f, "{} µs", self.0) };
        let format = match self.0 {
            t if t % Self::DAY == 0 => "%Y-%m-%d",
            t if t % (60 * Self::SECOND) == 0 => "%Y-%m-%d %H:%M",
            _ => "%Y-%m-%d %H:%M:%S%.f",
        };
        f.pad(&time.format(format).to_string())
    }
}

impl FromStr for Timestamp {
    type Err = Diagnostic;

    /// Reads `2012-05-18`, `2012-05-18 14:30`, `2012-05-18 14:30:05`, the same with a `T`, and with an
    /// offset as in `2012-05-18T09:30:00-04:00`; UTC where there is none. Also a count of seconds (10
    /// digits), milliseconds (13) or microseconds (16) since 1970.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.len() >= 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let unit = match text.len() {
                10 => Some(Self::SECOND),
                13 => Some(1_000),
                16 => Some(1),
                _ => None,
            };
            if let Some(since_1970) = unit.zip(text.parse::<i64>().ok()).and_then(|(unit, n)| n.checked_mul(unit)) {
                return Ok(Self(since_1970));
            }
        }
        if let Some(date) = Self::bare_date(text) {
            return Ok(Self::midnight(date));
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(time.timestamp_micros()));
        }
        let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"];
        formats
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|time| Self(time.and_utc().timestamp_micros()))
            .ok_or_else(|| {
                Diagnostic::new(format!("`{text}` is no date"))
                    .hint("write 2012-05-18 or 2012-05-18 14:30:00 (UTC), or 2012-05-18T09:30:00-04:00")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_an_instant_is_read() {
        for text in [
            "2012-05-18 14:30",
            "2012-05-18 14:30:00",
            "2012-05-18T14:30",
            "2012-05-18T14:30:00",
            "2012-05-18T14:30:00Z",
            "2012-05-18T10:30:00-04:00",
            "1337351400",
            "1337351400000",
            "1337351400000000",
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), "2012-05-18 14:30", "{text}");
        }
        for text in ["", "18.05.2012", "20120518", "05/18/2012", "2012-02-30", "2012-05-18 25:00", "yesterday"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_bare_date_ends_a_day_later_however_it_is_written() {
        for text in ["2012-05-18", "2012-5-18", " 2012-05-18 ", "+2012-05-18"] {
            assert_eq!(Timestamp::end_of(text).unwrap().to_string(), "2012-05-19", "{text}");
        }
        for text in ["2012-05-18 00:00", "2012-05-18T00:00:00Z", "1337299200", "1337299200000"] {
            assert_eq!(Timestamp::end_of(text).unwrap().to_string(), "2012-05-18", "{text}");
        }
        assert!(Timestamp::end_of("2012-02-30").is_err());
    }

    #[test]
    fn dates_before_and_after_the_epoch_round_trip() {
        for (y, m, d) in [(1957, 1, 1), (1970, 1, 1), (2013, 3, 1)] {
            let date = NaiveDate::from_ymd_opt(y, m, d).unwrap();
            assert_eq!(Timestamp::midnight(date).date(), date);
            assert_eq!(Timestamp::midnight(date).to_string(), date.to_string());
        }
        assert_eq!(Timestamp(-1).date().to_string(), "1969-12-31");
    }
}

//! An instant in UTC, to the microsecond.

use std::fmt;

use chrono::{DateTime, NaiveDate};

/// Microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    fn date_time(self) -> Option<DateTime<chrono::Utc>> {
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

#[cfg(test)]
mod tests {
    use super::*;

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

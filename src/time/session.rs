//! Trading sessions: the hours of the day in which an exchange trades, in its own timezone.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;
use crate::time::day::{self, Day};

/// Monday to Friday from one time of the day to another, as clocks show them in a timezone: the
/// instants move with daylight saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    timezone: Tz,
    open: NaiveTime,
    close: NaiveTime,
}

impl Session {
    /// A session from its hours, as in `09:30` and `16:00`.
    ///
    /// # Errors
    /// Where an hour cannot be read, or the session does not open before it closes.
    pub fn new(timezone: Tz, open: &str, close: &str) -> Result<Self> {
        let time = |text: &str| {
            NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| {
                Diagnostic::new(format!("`{text}` is no time of the day")).hint("write hours and minutes: 09:30-16:00")
            })
        };
        let (open, close) = (time(open)?, time(close)?);
        if open < close {
            return Ok(Self { timezone, open, close });
        }
        let hours = format!("{}-{}", open.format("%H:%M"), close.format("%H:%M"));
        Err(Diagnostic::new(format!("a session from {hours} closes before it opens"))
            .hint("a session lies within one date of its timezone; for a market that trades through midnight use 24x7"))
    }

    /// The timezone of its hours.
    pub fn timezone(self) -> Tz {
        self.timezone
    }

    /// The date of the session that an instant belongs to: the one that it lies in, else the next.
    /// What trades after the close belongs to the next session.
    pub(super) fn trading_day(self, instant: Timestamp) -> Day {
        let local = self.local(instant);
        let date = day::of(Timestamp::midnight(local.date()));
        day::weekday_from(if local.time() < self.close { date } else { date + 1 })
    }

    /// When the session of a date opens.
    pub(super) fn open_instant(self, date: Day) -> Timestamp {
        self.instant(date, self.open)
    }

    /// When the session of a date closes.
    pub(super) fn close_instant(self, date: Day) -> Timestamp {
        self.instant(date, self.close)
    }

    /// The stretch that an instant lies in: a session, or the hours from one session to the next.
    pub(super) fn segment(self, instant: Timestamp) -> (Timestamp, Timestamp) {
        let date = self.trading_day(instant);
        let open = self.open_instant(date);
        if instant >= open {
            return (open, self.close_instant(date));
        }
        let yesterday = if day::weekday_from(date - 1) == date { date - 3 } else { date - 1 };
        (self.close_instant(yesterday), open)
    }

    /// What the clocks of its timezone show.
    pub(super) fn local(self, instant: Timestamp) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_micros(instant.0.clamp(EARLIEST.0, LATEST.0)).unwrap_or_default();
        utc.with_timezone(&self.timezone).naive_local()
    }

    fn instant(self, date: Day, time: NaiveTime) -> Timestamp {
        let midnight = day::midnight(date).clamp(EARLIEST, LATEST);
        let local = midnight.date().and_time(time);
        // A time that clocks show twice is taken the second time, and one that they skip an hour
        // later: late, never early.
        let found = self.timezone.from_local_datetime(&local).latest();
        let found = found.or_else(|| self.timezone.from_local_datetime(&(local + Duration::hours(1))).latest());
        let utc = found.map_or_else(|| local.and_utc(), |found| found.with_timezone(&Utc));
        Timestamp(utc.timestamp_micros())
    }
}

/// Instants outside the years 0 to 9999 have no local time: they are taken for the nearest that has.
const EARLIEST: Timestamp = Timestamp(-719_528 * Timestamp::DAY);
const LATEST: Timestamp = Timestamp(2_932_896 * Timestamp::DAY);

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.open.format("%H:%M"), self.close.format("%H:%M"))
    }
}

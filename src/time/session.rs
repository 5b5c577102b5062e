//! Trading sessions: the hours of the day in which an exchange trades, in its own timezone.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::error::{Diagnostic, Result};
use crate::time::day::{self, Day, Days};
use crate::time::exceptions::Exceptions;
use crate::time::{Timestamp, Unit, new_york};

/// Monday to Friday from one time of the day to another, as clocks show them in a timezone: the
/// instants move with daylight saving. Holidays and early closes are left out and cut short where
/// they are known.
///
/// A session that closes at the time it opens, or before it, opens on the evening before: Tuesday's
/// from `18:00-17:00` opens on Monday, and Monday's on Sunday. It is dated by the day on which it closes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    timezone: Tz,
    open: NaiveTime,
    close: NaiveTime,
    /// Whether it is the New York Stock Exchange's, whose table it has.
    is_new_york: bool,
    exceptions: Arc<Exceptions>,
}

impl Session {
    /// A session from its hours, as in `09:30` and `16:00`.
    ///
    /// # Errors
    /// Where an hour cannot be read.
    pub fn new(timezone: Tz, open: &str, close: &str) -> Result<Self> {
        let (open, close) = (time_of_day(open)?, time_of_day(close)?);
        Ok(Self { timezone, open, close, is_new_york: false, exceptions: Arc::default() })
    }

    /// The session of the New York Stock Exchange, with its holidays and early closes of 1990 to 2027.
    pub(super) fn of_new_york() -> Self {
        let (open, close) = (NaiveTime::from_hms_opt(9, 30, 0), NaiveTime::from_hms_opt(16, 0, 0));
        Self {
            timezone: Tz::America__New_York,
            open: open.unwrap_or_default(),
            close: close.unwrap_or_default(),
            is_new_york: true,
            exceptions: new_york::exceptions(),
        }
    }

    /// With further dates on which it does not trade; weekends among them change nothing.
    #[must_use]
    pub fn with_holidays(self, dates: impl IntoIterator<Item = NaiveDate>) -> Self {
        let holidays = dates.into_iter().map(number).collect();
        self.with(&Exceptions { holidays, ..Exceptions::default() })
    }

    /// With a date on which it closes at this time, as in `13:00`.
    ///
    /// # Errors
    /// Where it does not trade on that date, or would not be open at that time.
    pub fn with_early_close(self, date: NaiveDate, close: &str) -> Result<Self> {
        let time = time_of_day(close)?;
        if !self.exceptions.is_open(number(date)) {
            let why = match day::weekday_from(number(date)) == number(date) {
                true => "it is among the holidays: leave it out of one of the two".to_owned(),
                false => format!("it is a {}", date.format("%A")),
            };
            return Err(Diagnostic::new(format!("there is no session on {date} that could close early")).hint(why));
        }
        let is_within = if self.is_overnight() { time < self.close } else { self.open < time && time < self.close };
        if !is_within {
            return Err(Diagnostic::new(format!("a session from {self} does not close early at {close}"))
                .hint("name a time between its open and its close"));
        }
        Ok(self.with(&Exceptions { early_closes: [(number(date), time)].into(), ..Exceptions::default() }))
    }

    fn with(mut self, more: &Exceptions) -> Self {
        if !more.is_empty() {
            self.exceptions = Arc::new(self.exceptions.with(more));
        }
        self
    }

    /// The holidays that it was given, in order; not those that an exchange's own table has.
    pub fn holidays(&self) -> impl Iterator<Item = NaiveDate> {
        self.given().holidays.into_iter().map(|date| day::midnight(date).date())
    }

    /// The early closes that it was given, in order; not those that an exchange's own table has.
    pub fn early_closes(&self) -> impl Iterator<Item = (NaiveDate, String)> {
        let early = self.given().early_closes.into_iter();
        early.map(|(date, time)| (day::midnight(date).date(), time.format("%H:%M").to_string()))
    }

    fn given(&self) -> Exceptions {
        if self.is_new_york { self.exceptions.beside(&new_york::exceptions()) } else { (*self.exceptions).clone() }
    }

    /// The timezone of its hours.
    pub fn timezone(&self) -> Tz {
        self.timezone
    }

    /// Whether it opens on the evening before its date.
    fn is_overnight(&self) -> bool {
        self.open >= self.close
    }

    /// The date itself, or the next that it trades on.
    pub(super) fn date_from(&self, date: Day) -> Day {
        self.exceptions.open_from(date)
    }

    /// The date of the session that an instant belongs to: the one that it lies in, else the next.
    /// What trades after the close belongs to the next session.
    pub(super) fn trading_day(&self, instant: Timestamp) -> Day {
        let local = self.local(instant);
        let date = number(local.date());
        let is_over = self.exceptions.is_open(date) && local.time() >= self.close_time(date);
        self.date_from(if is_over { date + 1 } else { date })
    }

    /// The last date that it trades on of a span of `count` units, counted from the unit that a date
    /// belongs to.
    pub(super) fn last(&self, unit: Unit, count: i64, date: Day) -> Day {
        self.exceptions.last_open(date, Days::Weekdays.last(unit, count, date))
    }

    /// When the session of a date opens.
    pub(super) fn open_instant(&self, date: Day) -> Timestamp {
        self.instant(if self.is_overnight() { date - 1 } else { date }, self.open)
    }

    /// When the session of a date closes.
    pub(super) fn close_instant(&self, date: Day) -> Timestamp {
        self.instant(date, self.close_time(date))
    }

    fn close_time(&self, date: Day) -> NaiveTime {
        self.exceptions.early_closes.get(&date).copied().unwrap_or(self.close)
    }

    /// The stretch that an instant lies in: a session, or the hours from one session to the next.
    pub(super) fn segment(&self, instant: Timestamp) -> (Timestamp, Timestamp) {
        let date = self.trading_day(instant);
        let open = self.open_instant(date);
        if instant >= open {
            return (open, self.close_instant(date));
        }
        let mut before = date - 1;
        while !self.exceptions.is_open(before) {
            before -= 1;
        }
        (self.close_instant(before), open)
    }

    /// What the clocks of its timezone show.
    pub(super) fn local(&self, instant: Timestamp) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_micros(instant.0.clamp(EARLIEST.0, LATEST.0)).unwrap_or_default();
        utc.with_timezone(&self.timezone).naive_local()
    }

    fn instant(&self, date: Day, time: NaiveTime) -> Timestamp {
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

fn number(date: NaiveDate) -> Day {
    day::of(Timestamp::midnight(date))
}

/// A time of the day, as in `09:30`.
pub(super) fn time_of_day(text: &str) -> Result<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| {
        Diagnostic::new(format!("`{text}` is no time of the day")).hint("write hours and minutes, as in 09:30 or 16:00")
    })
}

impl fmt::Display for Session {
    /// Its name as `dataset.toml` has it: `XNYS`, or its hours.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_new_york {
            return f.write_str(new_york::CODE);
        }
        write!(f, "{}-{}", self.open.format("%H:%M"), self.close.format("%H:%M"))
    }
}

//! Calendars: when an instrument trades, and so when a bar is complete.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono::NaiveTime;
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::error::{Diagnostic, Result};
use crate::time::day::{self, Day, Days};
use crate::time::session::time_of_day;
use crate::time::{DayStart, Session, Timeframe, Timestamp, Unit, new_york};

/// When an instrument trades.
///
/// It answers two questions. [`Calendar::close_instant`]: when is a bar complete, so that its
/// values may be known? Where the answer is not certain (a week that ends on a holiday, a bar that
/// opens off the grid) it is late, never early. [`Calendar::period`]: which finer bars make up one
/// coarser bar?
///
/// ```
/// use timeweave::time::{Calendar, Timeframe, Timestamp};
///
/// let monday: Timestamp = "2013-02-25".parse()?;
/// let close = Calendar::Weekdays.close_instant(Timeframe::WEEK, monday);
/// assert_eq!(close.to_string(), "2013-03-02"); // Saturday 00:00: the end of Friday
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// Monday to Friday, dates in UTC.
    Weekdays,
    /// Every hour of every day, in UTC.
    Continuous,
    /// Monday to Friday between two times of the day in a timezone, less holidays where they are known.
    Session(Session),
    /// Weekdays, or every day, from another time than midnight UTC on.
    DayStart(DayStart),
}

impl Calendar {
    /// A calendar from its name as `dataset.toml` has it (`weekdays`, `24x7`, an exchange's code, of
    /// which there is `XNYS`, or a session's hours as in `09:30-16:00`) and the timezone of those hours.
    ///
    /// # Errors
    /// Where the name cannot be read, or comes with a timezone that is not its own: weekdays and 24x7
    /// have UTC, an exchange has the timezone of its place, which UTC stands for here.
    pub fn new(name: &str, timezone: Tz) -> Result<Self> {
        let calendar = match name {
            "weekdays" => Calendar::Weekdays,
            "24x7" => Calendar::Continuous,
            new_york::CODE => {
                let session = Session::of_new_york();
                if timezone != Tz::UTC && timezone != session.timezone() {
                    let own = session.timezone();
                    return Err(Diagnostic::new(format!(
                        "the exchange {name} keeps the time of {own}, not of {timezone}"
                    ))
                    .hint("leave the timezone out"));
                }
                return Ok(Calendar::Session(session));
            }
            hours => match hours.split_once('-') {
                Some((open, close)) => return Session::new(timezone, open, close).map(Calendar::Session),
                None => {
                    let meant = if matches!(name.to_uppercase().as_str(), "NYSE" | "NASDAQ" | "XNAS" | "XNYS") {
                        "write \"XNYS\": the holidays and early closes of the New York Stock Exchange, which Nasdaq keeps too"
                    } else {
                        "allowed: weekdays, 24x7, XNYS, or a session's hours: 09:30-16:00"
                    };
                    return Err(Diagnostic::new(format!("`{name}` is no calendar")).hint(meant));
                }
            },
        };
        if timezone != Tz::UTC {
            return Err(Diagnostic::new(format!("the calendar `{name}` counts its days in UTC, not in {timezone}"))
                .hint("leave the timezone out, or give the session's hours: 09:30-16:00"));
        }
        Ok(calendar)
    }

    /// The same calendar with days that start at this time, UTC, as in `22:00`. Weeks and months start with
    /// their first day, and hours are counted from the start of their day.
    ///
    /// # Errors
    /// Where the time cannot be read, or the days are a session's, which start with its open.
    pub fn with_days_from(self, time: &str) -> Result<Self> {
        let start = time_of_day(time)?;
        let weekdays_only = match self {
            Calendar::Weekdays => true,
            Calendar::Continuous => false,
            Calendar::Session(_) | Calendar::DayStart(_) => {
                return Err(Diagnostic::new("the days of a session start when it opens").hint(
                    "leave `day_starts` out; a day that starts at 17:00 in New York is the session 17:00-17:00",
                ));
            }
        };
        Ok(if start == NaiveTime::MIN { self } else { Calendar::DayStart(DayStart::new(weekdays_only, start)) })
    }

    /// A timezone by its IANA name: `America/New_York`.
    ///
    /// # Errors
    /// Where there is none of that name.
    pub fn timezone_called(name: &str) -> Result<Tz> {
        Tz::from_str(name).map_err(|_| {
            Diagnostic::new(format!("there is no timezone called `{name}`"))
                .did_you_mean(name, TZ_VARIANTS.iter().map(|zone| zone.name()))
        })
    }

    /// The timezone of its days.
    pub fn timezone(&self) -> Tz {
        match self {
            Calendar::Session(session) => session.timezone(),
            Calendar::Weekdays | Calendar::Continuous | Calendar::DayStart(_) => Tz::UTC,
        }
    }

    /// `weekdays UTC`, `09:30-16:00 America/New_York`, `24x7 from 22:00 UTC`, and the holidays and early closes
    /// that it was given: all that there is to know of it.
    pub fn definition(&self) -> String {
        let mut text = self.name_and_timezone();
        if let Calendar::Session(session) = self {
            session.holidays().for_each(|date| text.push_str(&format!(", closed {date}")));
            session.early_closes().for_each(|(date, time)| text.push_str(&format!(", until {time} on {date}")));
        }
        text
    }

    /// [`Calendar::definition`] in few words, without its holidays.
    pub fn name_and_timezone(&self) -> String {
        match self {
            Calendar::DayStart(start) => format!("{self} from {start} UTC"),
            _ => format!("{self} {}", self.timezone()),
        }
    }

    /// When the bar that opens at `open` is complete.
    ///
    /// - An intraday bar: a timeframe after it opens; in a session not later than the session's close.
    /// - 24x7: a timeframe after it opens.
    /// - Weekdays: a day at the end of its date, a week after its last weekday, a month after its
    ///   last weekday, all at midnight UTC. A bar that opens at another time of the day closes by as
    ///   much later. A week or month that is dated on a weekend is the one of the Monday after.
    /// - Sessions: a day at the close of its session, a week and a month at the close of the session
    ///   of their last day, which is the last weekday that is no known holiday. A bar that opens at midnight
    ///   UTC is one that carries a bare date.
    /// - Days that start at another time: all of this, from there.
    ///
    /// Bars of several days, weeks or months span that many, counted from the one of `open`.
    pub fn close_instant(&self, timeframe: Timeframe, open: Timestamp) -> Timestamp {
        let span = timeframe.seconds().saturating_mul(Timestamp::SECOND);
        let after_span = Timestamp(open.0.saturating_add(span));
        let (count, unit) = (i64::from(timeframe.count()), timeframe.unit());
        match self {
            Calendar::Session(session) if timeframe.is_intraday() => {
                let close = session.close_instant(session.trading_day(open));
                if close > open { after_span.min(close) } else { after_span }
            }
            Calendar::DayStart(days) => days.back(days.calendar().close_instant(timeframe, days.moved(open))),
            Calendar::Weekdays | Calendar::Continuous if timeframe.is_intraday() => after_span,
            Calendar::Continuous if unit == Unit::Month => {
                let date = day::of(open);
                let offset = date - day::first_of_month(day::month(date));
                let end = day::first_of_month(day::month(date) + count) + offset;
                Timestamp(day::midnight(end).0.saturating_add(since_midnight(open)))
            }
            Calendar::Continuous => after_span,
            Calendar::Weekdays => {
                let last = Days::Weekdays.last(unit, count, self.date(timeframe, open));
                Timestamp(day::midnight(last + 1).0.saturating_add(since_midnight(open)))
            }
            Calendar::Session(session) => {
                let last = session.last(unit, count, self.date(timeframe, open));
                session.close_instant(last).max(open)
            }
        }
    }

    /// [`Calendar::close_instant`] of a column of opening instants (µs UTC), in order; it never
    /// decreases, whatever the column holds.
    pub fn close_instants(&self, timeframe: Timeframe, opens: &[i64]) -> Vec<i64> {
        let mut closes = Vec::with_capacity(opens.len());
        self.close_instants_into(&mut closes, timeframe, opens);
        closes
    }

    /// [`Calendar::close_instants`], added to a column.
    pub fn close_instants_into(&self, closes: &mut Vec<i64>, timeframe: Timeframe, opens: &[i64]) {
        let mut latest = i64::MIN;
        let mut session_close = i64::MIN;
        let span = timeframe.seconds().saturating_mul(Timestamp::SECOND);
        let close = |open: i64| {
            // Within a session the close stays the same: one look at the timezone's rules a session.
            let close = match self {
                Calendar::Session(session) if timeframe.is_intraday() => {
                    if open >= session_close {
                        session_close = session.close_instant(session.trading_day(Timestamp(open))).0;
                    }
                    let after_span = open.saturating_add(span);
                    if session_close > open { after_span.min(session_close) } else { after_span }
                }
                _ if timeframe.is_intraday() => open.saturating_add(span),
                _ => self.close_instant(timeframe, Timestamp(open)).0,
            };
            latest = latest.max(close);
            latest
        };
        closes.extend(opens.iter().copied().map(close));
    }

    /// The period of a timeframe that an instant belongs to: from its opening instant to the
    /// opening instant of what comes after it.
    ///
    /// Days start at midnight UTC, weeks on Monday, months on the 1st; in a session each starts
    /// with the session's open. Intraday periods are counted from midnight UTC, in a session from
    /// its open and after it from its close, and are cut off there. Longer ones are counted from
    /// Monday 1970-01-05 (`5d`, `2wk`; a calendar of weekdays counts weekdays) and from January
    /// 1970 (`3mo` are the quarters of a year).
    ///
    /// What falls outside the days that a calendar trades belongs to the next period: a bar on a
    /// Saturday is part of the week that starts two days later, so the period may open after
    /// `instant`. A day of its own is made of it in a calendar of weekdays.
    pub fn period(&self, timeframe: Timeframe, instant: Timestamp) -> Range<Timestamp> {
        let (count, unit) = (i64::from(timeframe.count()), timeframe.unit());
        let date = || self.date(timeframe, instant);
        match self {
            Calendar::DayStart(days) => {
                let period = days.calendar().period(timeframe, days.moved(instant));
                days.back(period.start)..days.back(period.end)
            }
            _ if timeframe.is_intraday() => self.intraday_period(timeframe, instant),
            Calendar::Weekdays if timeframe == Timeframe::DAY => day::midnight(date())..day::midnight(date() + 1),
            Calendar::Weekdays => {
                let first = Days::Weekdays.first(unit, count, date());
                let last = Days::Weekdays.last(unit, count, day::weekday_from(first));
                day::midnight(first)..day::midnight(last + 1)
            }
            Calendar::Continuous => {
                let first = Days::All.first(unit, count, date());
                day::midnight(first)..day::midnight(Days::All.last(unit, count, first) + 1)
            }
            Calendar::Session(session) => {
                let first = Days::Weekdays.first(unit, count, date());
                session.open_instant(session.date_from(first))
                    ..session.close_instant(session.last(unit, count, day::weekday_from(first)))
            }
        }
    }

    /// The opening instant of the period that an instant belongs to; see [`Calendar::period`].
    pub fn period_start(&self, timeframe: Timeframe, instant: Timestamp) -> Timestamp {
        self.period(timeframe, instant).start
    }

    fn intraday_period(&self, timeframe: Timeframe, instant: Timestamp) -> Range<Timestamp> {
        let span = timeframe.seconds().saturating_mul(Timestamp::SECOND);
        let (anchor, end) = match self {
            Calendar::Session(session) => session.segment(instant),
            _ if span > Timestamp::DAY => (day::midnight(day::ORIGIN), Timestamp(i64::MAX)),
            _ => (day::midnight(day::of(instant)), day::midnight(day::of(instant) + 1)),
        };
        let start = anchor.0 + (instant.0.saturating_sub(anchor.0)).div_euclid(span) * span;
        Timestamp(start)..Timestamp(start.saturating_add(span)).min(end)
    }

    /// The day on whose account a bar of a day or longer goes.
    pub(super) fn date(&self, timeframe: Timeframe, instant: Timestamp) -> Day {
        match self {
            Calendar::Continuous => day::of(instant),
            Calendar::Weekdays if timeframe == Timeframe::DAY => day::of(instant),
            Calendar::Weekdays => day::weekday_from(day::of(instant)),
            Calendar::Session(session) if since_midnight(instant) == 0 => session.date_from(day::of(instant)),
            Calendar::Session(session) => session.trading_day(instant),
            Calendar::DayStart(days) => days.calendar().date(timeframe, days.moved(instant)),
        }
    }
}

fn since_midnight(instant: Timestamp) -> i64 {
    instant.0.rem_euclid(Timestamp::DAY)
}

impl fmt::Display for Calendar {
    /// Its name as `dataset.toml` has it, without the timezone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Calendar::Weekdays => f.write_str("weekdays"),
            Calendar::Continuous => f.write_str("24x7"),
            Calendar::Session(session) => session.fmt(f),
            Calendar::DayStart(days) => days.calendar().fmt(f),
        }
    }
}

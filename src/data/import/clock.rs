//! From what a file says of a time to the instant at which a bar opens.

use std::fmt;

use chrono::offset::LocalResult;
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::data::import::dates::Moment;
use crate::data::quality::Problem;
use crate::time::{Calendar, Timeframe, Timestamp};

/// What the time of a row is the time of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stamp {
    /// When its bar opens.
    #[default]
    Open,
    /// When its bar closes.
    Close,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Stamp::Open { "opens" } else { "closes" })
    }
}

/// A stretch of local time within which no zone changes its clocks.
const QUARTER: i64 = 900 * Timestamp::SECOND;
/// Before 1973 clocks were set to odd seconds.
const ROUND_SINCE: i64 = 1_096 * Timestamp::DAY;

/// The instant of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instant {
    /// It is certain, and so is the bar's opening.
    Opens(Timestamp),
    /// The clocks showed it twice. Both instants, in µs.
    Twice(i64, i64),
}

/// Reads instants off the clocks of a zone.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub zone: Option<Tz>,
    pub timeframe: Timeframe,
    pub calendar: Calendar,
    pub stamp: Stamp,
    /// The last quarter of an hour that was looked up, and by how much its clock was ahead of UTC.
    known: Option<(i64, i64)>,
}

impl Clock {
    pub fn new(zone: Option<Tz>, timeframe: Timeframe, calendar: Calendar, stamp: Stamp) -> Self {
        Self { zone, timeframe, calendar, stamp, known: None }
    }

    /// When the bar of a moment opens.
    ///
    /// # Errors
    /// Where nobody said where the clock hung, or the clocks skipped the moment.
    pub fn instant(&mut self, moment: Moment) -> Result<Instant, Problem> {
        let local = match (moment, self.zone) {
            // An instant is a date where the clocks of the zone that was given show midnight.
            (Moment::Instant { utc, local }, Some(zone)) if utc == local => self.shown(zone, utc),
            _ => moment.local(),
        };
        if !self.timeframe.is_intraday() && local.rem_euclid(Timestamp::DAY) == 0 {
            return Ok(Instant::Opens(self.of_date(Timestamp(local))));
        }
        match moment {
            Moment::Instant { utc, .. } => Ok(Instant::Opens(self.opening(utc))),
            Moment::Local(local) => {
                let zone = self.zone.ok_or(Problem::NoZone { local: Timestamp(local) })?;
                let quarter = local.div_euclid(QUARTER);
                if let Some((_, ahead)) = self.known.filter(|(of, _)| *of == quarter) {
                    return Ok(Instant::Opens(self.opening(local - ahead)));
                }
                let naive = DateTime::from_timestamp_micros(local).ok_or(Problem::OutOfTime)?.naive_utc();
                match zone.offset_from_local_datetime(&naive) {
                    LocalResult::Single(offset) => {
                        let ahead = i64::from(offset.fix().local_minus_utc()) * Timestamp::SECOND;
                        self.known = (local > ROUND_SINCE).then_some((quarter, ahead));
                        Ok(Instant::Opens(self.opening(local - ahead)))
                    }
                    LocalResult::Ambiguous(a, b) => {
                        let at = |offset: <Tz as TimeZone>::Offset| {
                            local - i64::from(offset.fix().local_minus_utc()) * Timestamp::SECOND
                        };
                        let (a, b) = (at(a), at(b));
                        Ok(Instant::Twice(a.min(b), a.max(b)))
                    }
                    LocalResult::None => Err(Problem::Skipped { local: Timestamp(local), zone: zone.name() }),
                }
            }
        }
    }

    /// The opening of the bar that is stamped with an instant.
    pub fn opening(&self, utc: i64) -> Timestamp {
        if self.stamp == Stamp::Open {
            return Timestamp(utc);
        }
        // Some close a millisecond before the next opens.
        let close = if (utc + 1_000).rem_euclid(Timestamp::SECOND) == 0 { utc + 1_000 } else { utc };
        match self.calendar {
            Calendar::Weekdays | Calendar::Continuous if self.timeframe.is_intraday() => {
                Timestamp(close.saturating_sub(self.timeframe.seconds() * Timestamp::SECOND))
            }
            _ => self.calendar.period_start(self.timeframe, Timestamp(close.saturating_sub(1))),
        }
    }

    /// A bare date stands for the opening of that date's session.
    fn of_date(&self, midnight: Timestamp) -> Timestamp {
        match (&self.calendar, self.stamp) {
            (_, Stamp::Close) => self.calendar.period_start(self.timeframe, midnight),
            (Calendar::Session(_), Stamp::Open) => self.calendar.period_start(Timeframe::DAY, midnight),
            _ => midnight,
        }
    }

    fn shown(&self, zone: Tz, utc: i64) -> i64 {
        let naive = DateTime::from_timestamp_micros(utc).unwrap_or_default().naive_utc();
        utc + i64::from(zone.offset_from_utc_datetime(&naive).fix().local_minus_utc()) * Timestamp::SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().0
    }

    fn clock(zone: &str, timeframe: &str, stamp: Stamp) -> Clock {
        let zone = Calendar::timezone_called(zone).unwrap();
        Clock::new(Some(zone), timeframe.parse().unwrap(), Calendar::Continuous, stamp)
    }

    fn opens(clock: &mut Clock, local: &str) -> String {
        match clock.instant(Moment::Local(at(local))) {
            Ok(Instant::Opens(instant)) => instant.to_string(),
            Ok(Instant::Twice(a, b)) => format!("{} or {}", Timestamp(a), Timestamp(b)),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn clocks_go_forward_and_back() {
        let mut clock = clock("America/New_York", "30m", Stamp::Open);
        assert_eq!(opens(&mut clock, "2024-03-10 01:59"), "2024-03-10 06:59");
        assert_eq!(opens(&mut clock, "2024-03-10 03:00"), "2024-03-10 07:00");
        assert!(opens(&mut clock, "2024-03-10 02:30").contains("skipped"));
        assert_eq!(opens(&mut clock, "2024-11-03 01:30"), "2024-11-03 05:30 or 2024-11-03 06:30");
        assert_eq!(opens(&mut clock, "2024-11-03 02:00"), "2024-11-03 07:00");
    }

    #[test]
    fn a_bar_that_is_stamped_by_its_close_opens_before() {
        let mut hours = clock("UTC", "1h", Stamp::Close);
        assert_eq!(opens(&mut hours, "2024-03-05 15:00"), "2024-03-05 14:00");
        assert_eq!(opens(&mut hours, "2024-03-05 14:59:59.999"), "2024-03-05 14:00");
        let mut days = clock("UTC", "1d", Stamp::Close);
        assert_eq!(opens(&mut days, "2024-03-05 23:59:59.999"), "2024-03-05");
        assert_eq!(opens(&mut days, "2024-03-05"), "2024-03-05", "a bare date is that date");
    }

    #[test]
    fn midnight_where_the_clock_hung_is_a_date() {
        let mut tokyo = clock("Asia/Tokyo", "1d", Stamp::Open);
        let monday = Moment::Instant { utc: at("2024-03-03 15:00"), local: at("2024-03-03 15:00") };
        assert_eq!(tokyo.instant(monday).unwrap(), Instant::Opens(Timestamp(at("2024-03-04"))));
        let mut none = Clock::new(None, Timeframe::DAY, Calendar::Weekdays, Stamp::Open);
        let offset = Moment::Instant { utc: at("2024-03-04 05:00"), local: at("2024-03-04") };
        assert_eq!(none.instant(offset).unwrap(), Instant::Opens(Timestamp(at("2024-03-04"))));
        assert!(none.instant(Moment::Local(at("2024-03-04 09:30"))).is_err());
    }
}

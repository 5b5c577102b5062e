//! What the calendar and the clock show at an instant: columns that every bar has.

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::time::{Calendar, Timeframe, Timestamp};

/// A figure that is read off the calendar and the clock where a bar opens.
///
/// The clock is that of the calendar's timezone: the exchange's own for sessions, daylight saving
/// included, and UTC otherwise. A bar of a day or longer that opens at midnight UTC carries a bare
/// date, which is taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockFigure {
    /// The year.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day of the week, 1 for Monday to 7 for Sunday.
    Weekday,
    /// The hour, 0 to 23.
    Hour,
    /// The minute, 0 to 59.
    Minute,
    /// The second, 0 to 59.
    Second,
    /// The trading day that the bar belongs to, counted from 1970-01-01. In a calendar of sessions
    /// what trades after the close belongs to the next.
    Session,
}

impl ClockFigure {
    /// All of them.
    pub const ALL: [ClockFigure; 8] = [
        ClockFigure::Year,
        ClockFigure::Month,
        ClockFigure::Day,
        ClockFigure::Weekday,
        ClockFigure::Hour,
        ClockFigure::Minute,
        ClockFigure::Second,
        ClockFigure::Session,
    ];

    /// Its name as a column of bars: `minute.hour`.
    pub fn name(self) -> &'static str {
        ["year", "month", "day", "weekday", "hour", "minute", "second", "session"][self as usize]
    }

    /// The figure of that name.
    pub fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.name() == name)
    }

    /// Its value on a bar that opens at `open`.
    pub fn at(self, calendar: &Calendar, timeframe: Timeframe, open: Timestamp) -> f64 {
        let clock = || local(calendar, timeframe, open);
        match self {
            ClockFigure::Year => f64::from(clock().year()),
            ClockFigure::Month => f64::from(clock().month()),
            ClockFigure::Day => f64::from(clock().day()),
            ClockFigure::Weekday => f64::from(clock().weekday().number_from_monday()),
            ClockFigure::Hour => f64::from(clock().hour()),
            ClockFigure::Minute => f64::from(clock().minute()),
            ClockFigure::Second => f64::from(clock().second()),
            ClockFigure::Session => calendar.date(timeframe, open) as f64,
        }
    }
}

fn local(calendar: &Calendar, timeframe: Timeframe, open: Timestamp) -> NaiveDateTime {
    match calendar {
        Calendar::Session(session) if timeframe.is_intraday() || open.0 % Timestamp::DAY != 0 => session.local(open),
        _ => open.date_time().unwrap_or_default().naive_utc(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(calendar: &Calendar, timeframe: &str, open: &str) -> Vec<f64> {
        let (timeframe, open) = (timeframe.parse().unwrap(), open.parse().unwrap());
        ClockFigure::ALL.map(|figure| figure.at(calendar, timeframe, open)).to_vec()
    }

    #[test]
    fn a_session_shows_the_exchanges_clock_on_both_sides_of_daylight_saving() {
        let zone = Calendar::timezone_called("America/New_York").unwrap();
        let calendar = Calendar::new("09:30-16:00", zone).unwrap();
        // Friday 2013-03-08 in winter time, Monday 2013-03-11 in summer time
        let friday = figures(&calendar, "5m", "2013-03-08 14:35");
        assert_eq!(friday, [2013.0, 3.0, 8.0, 5.0, 9.0, 35.0, 0.0, 15772.0]);
        let monday = figures(&calendar, "5m", "2013-03-11 13:35");
        assert_eq!(monday, [2013.0, 3.0, 11.0, 1.0, 9.0, 35.0, 0.0, 15775.0]);
        // after Friday's close
        assert_eq!(figures(&calendar, "5m", "2013-03-08 21:05"), [2013.0, 3.0, 8.0, 5.0, 16.0, 5.0, 0.0, 15775.0]);
        // a bare date
        assert_eq!(figures(&calendar, "1d", "2013-03-08"), [2013.0, 3.0, 8.0, 5.0, 0.0, 0.0, 0.0, 15772.0]);
    }

    #[test]
    fn a_session_east_of_utc_keeps_its_day() {
        let zone = Calendar::timezone_called("Australia/Sydney").unwrap();
        let calendar = Calendar::new("10:00-16:00", zone).unwrap();
        // Friday 2013-03-08 from 10:00, which is Thursday 23:00 UTC, to 16:00
        let [first, last] = ["2013-03-07 23:00", "2013-03-08 04:55"].map(|open| figures(&calendar, "5m", open));
        assert_eq!(first, [2013.0, 3.0, 8.0, 5.0, 10.0, 0.0, 0.0, 15772.0]);
        assert_eq!(last, [2013.0, 3.0, 8.0, 5.0, 15.0, 55.0, 0.0, 15772.0]);
    }

    #[test]
    fn other_calendars_show_utc() {
        let figures = figures(&Calendar::Continuous, "1s", "1969-12-31 23:59:59");
        assert_eq!(figures, [1969.0, 12.0, 31.0, 3.0, 23.0, 59.0, 59.0, -1.0]);
    }
}

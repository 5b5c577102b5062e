//! Dates as numbers of days, and the arithmetic of weekdays, weeks and months on them.

use chrono::{Datelike, NaiveDate};

use crate::time::{Timestamp, Unit};

/// Days since 1970-01-01.
pub(super) type Day = i64;

/// Monday 1970-01-05: what spans of several days or weeks are counted from.
pub(super) const ORIGIN: Day = 4;

/// The UTC date of an instant.
pub(super) fn of(instant: Timestamp) -> Day {
    instant.0.div_euclid(Timestamp::DAY)
}

/// Midnight UTC at the start of a day.
pub(super) fn midnight(day: Day) -> Timestamp {
    Timestamp(day.saturating_mul(Timestamp::DAY))
}

/// The day itself, or the Monday after it if it is on a weekend.
pub(super) fn weekday_from(day: Day) -> Day {
    match weekday(day) {
        5 => day + 2,
        6 => day + 1,
        _ => day,
    }
}

/// Months since January 1970.
pub(super) fn month(day: Day) -> i64 {
    let date = midnight(day).date();
    (i64::from(date.year()) - 1970) * 12 + i64::from(date.month0())
}

/// The first day of a month that is given as months since January 1970.
pub(super) fn first_of_month(month: i64) -> Day {
    let year = i32::try_from(1970 + month.div_euclid(12)).unwrap_or(i32::MAX);
    let date = u32::try_from(month.rem_euclid(12)).ok().and_then(|m| NaiveDate::from_ymd_opt(year, m + 1, 1));
    of(Timestamp::midnight(date.unwrap_or(NaiveDate::MAX)))
}

/// Monday 0 to Sunday 6.
fn weekday(day: Day) -> i64 {
    (day - ORIGIN).rem_euclid(7)
}

/// Which days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    /// Every day.
    All,
    /// Monday to Friday.
    Weekdays,
}

impl Days {
    /// The first day of the span of `count` units that a day belongs to. With [`Days::Weekdays`]
    /// the day must be one; the first of a month need not be.
    pub(super) fn first(self, unit: Unit, count: i64, day: Day) -> Day {
        let floor = |number: i64| number.div_euclid(count) * count;
        match unit {
            Unit::Week => ORIGIN + 7 * floor((day - ORIGIN).div_euclid(7)),
            Unit::Month => first_of_month(floor(month(day))),
            _ => self.day(floor(self.number(day))),
        }
    }

    /// The last day of a span of `count` units, counted from the unit that a day belongs to.
    pub(super) fn last(self, unit: Unit, count: i64, day: Day) -> Day {
        match unit {
            Unit::Week => {
                let sunday = day - weekday(day) + 7 * count - 1;
                if self == Days::Weekdays { sunday - 2 } else { sunday }
            }
            Unit::Month => {
                let last = first_of_month(month(day) + count) - 1;
                if self == Days::Weekdays { last - (weekday(last) - 4).max(0) } else { last }
            }
            _ if count == 1 => day,
            _ => self.day(self.number(day) + count - 1),
        }
    }

    /// How many days that count lie between the origin and a day.
    fn number(self, day: Day) -> i64 {
        match self {
            Days::All => day - ORIGIN,
            Days::Weekdays => (day - ORIGIN).div_euclid(7) * 5 + weekday(day).min(4),
        }
    }

    fn day(self, number: i64) -> Day {
        match self {
            Days::All => ORIGIN + number,
            Days::Weekdays => ORIGIN + number.div_euclid(5) * 7 + number.rem_euclid(5),
        }
    }
}

//! Days that start at another time than midnight: those of currencies and of some crypto exchanges.

use std::fmt;

use chrono::{NaiveTime, Timelike};

use crate::time::{Calendar, Timestamp};

/// Weekdays or all days, from a time of the day (UTC) to the same time a day later.
///
/// A day is dated by the date that most of it lies in: one that starts at 22:00 by the date that begins
/// two hours later, one that starts at 08:00 by the date on which it does, as one at noon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayStart {
    weekdays_only: bool,
    time: NaiveTime,
}

impl DayStart {
    /// Weekdays, or all days, from a time other than midnight on.
    pub(super) fn new(weekdays_only: bool, time: NaiveTime) -> Self {
        Self { weekdays_only, time }
    }

    /// The calendar whose days are these, but from midnight to midnight.
    pub(super) fn calendar(self) -> Calendar {
        if self.weekdays_only { Calendar::Weekdays } else { Calendar::Continuous }
    }

    /// An instant as that calendar has it: moved so that a day starts at the midnight of its date.
    pub(super) fn moved(self, instant: Timestamp) -> Timestamp {
        Timestamp(instant.0.saturating_sub(self.offset()))
    }

    /// The way back.
    pub(super) fn back(self, instant: Timestamp) -> Timestamp {
        Timestamp(instant.0.saturating_add(self.offset()))
    }

    /// How long after the midnight of its date a day starts; negative for before it.
    fn offset(self) -> i64 {
        let since_midnight = i64::from(self.time.num_seconds_from_midnight()) * Timestamp::SECOND;
        if since_midnight > Timestamp::DAY / 2 { since_midnight - Timestamp::DAY } else { since_midnight }
    }
}

impl fmt::Display for DayStart {
    /// When its days start, as `dataset.toml` has it: `22:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.time.format("%H:%M"))
    }
}

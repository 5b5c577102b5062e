//! Exceptions: the dates on which an exchange does not trade, or closes early.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveTime;

use crate::time::day::{self, Day};

/// The dates that differ from an exchange's other weekdays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Exceptions {
    pub holidays: BTreeSet<Day>,
    pub early_closes: BTreeMap<Day, NaiveTime>,
}

impl Exceptions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.holidays.is_empty() && self.early_closes.is_empty()
    }

    /// Whether it trades on a date.
    pub fn is_open(&self, date: Day) -> bool {
        day::weekday_from(date) == date && !self.holidays.contains(&date)
    }

    /// The date itself, or the first after it on which it trades.
    pub fn open_from(&self, date: Day) -> Day {
        let mut date = day::weekday_from(date);
        while self.holidays.contains(&date) {
            date = day::weekday_from(date + 1);
        }
        date
    }

    /// The last date from `first` to `last` on which it trades; `first` where there is none.
    pub fn last_open(&self, first: Day, last: Day) -> Day {
        let mut date = last;
        while date > first && !self.is_open(date) {
            date -= 1;
        }
        date
    }

    /// These and others; where both name the early close of a date, the other's counts.
    pub fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.holidays.extend(&other.holidays);
        all.early_closes.extend(&other.early_closes);
        all
    }

    /// Those that another has not.
    pub fn beside(&self, other: &Self) -> Self {
        let differs = |(date, time): &(&Day, &NaiveTime)| other.early_closes.get(date) != Some(*time);
        Self {
            holidays: &self.holidays - &other.holidays,
            early_closes: self.early_closes.iter().filter(differs).map(|(date, time)| (*date, *time)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_trades_on_weekdays_that_are_no_holidays() {
        // Day 4 is a Monday; Thursday, Friday and the Monday after are holidays.
        let exceptions = Exceptions { holidays: [7, 8, 11].into(), ..Exceptions::default() };
        let open: Vec<Day> = (4..14).filter(|date| exceptions.is_open(*date)).collect();
        assert_eq!(open, [4, 5, 6, 12, 13]);
        assert_eq!([4, 7, 9, 11].map(|date| exceptions.open_from(date)), [4, 12, 12, 12]);
        assert_eq!((exceptions.last_open(4, 10), exceptions.last_open(7, 11)), (6, 7));
    }

    #[test]
    fn what_is_beside_makes_up_the_rest() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let own = Exceptions { holidays: [7, 8].into(), early_closes: [(5, time(13)), (6, time(14))].into() };
        let built_in = Exceptions { holidays: [8, 11].into(), early_closes: [(5, time(12)), (6, time(14))].into() };
        let all = built_in.with(&own);
        assert_eq!(all.early_closes[&5], time(13));
        assert_eq!(all.beside(&built_in).with(&built_in).holidays, all.holidays);
        assert_eq!(all.beside(&built_in), Exceptions { holidays: [7].into(), early_closes: [(5, time(13))].into() });
    }
}

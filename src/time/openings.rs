//! When the bars of a calendar open, one after the other.

use chrono::{Datelike, Weekday};

use crate::time::{Calendar, Timeframe, Timestamp};

/// The opening instants of all bars that a calendar has, from an instant on; it ends in the year 9999.
///
/// A bar of a day or longer opens with its period; shorter ones follow each other from the opening of a day's
/// trading to its end. Timeframes in hours that are longer than a day have none.
#[derive(Clone, Debug)]
pub struct Openings<'a> {
    calendar: &'a Calendar,
    timeframe: Timeframe,
    from: Timestamp,
    /// The next bar of the period that is under way, and the period's end.
    next: Timestamp,
    end: Timestamp,
}

/// 9999-01-01: what lies after it is refused in files.
const LATEST: Timestamp = Timestamp(2_932_532 * Timestamp::DAY);

impl Calendar {
    /// The bars of this calendar that open at an instant or later.
    ///
    /// ```
    /// use timeweave::time::{Calendar, Timeframe, Timestamp};
    ///
    /// let friday: Timestamp = "2024-03-01".parse()?;
    /// let days: Vec<String> = Calendar::Weekdays.openings(Timeframe::DAY, friday).take(2).map(|t| t.to_string()).collect();
    /// assert_eq!(days, ["2024-03-01", "2024-03-04"]);
    /// # Ok::<(), timeweave::error::Diagnostic>(())
    /// ```
    pub fn openings(&self, timeframe: Timeframe, from: Timestamp) -> Openings<'_> {
        Openings { calendar: self, timeframe, from, next: from, end: from }
    }
}

impl Iterator for Openings<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        let span = Timestamp::SECOND * self.timeframe.seconds();
        let intraday = self.timeframe.is_intraday();
        if intraday && self.timeframe > Timeframe::DAY {
            return None;
        }
        loop {
            while self.next >= self.end {
                if self.end >= LATEST {
                    return None;
                }
                let weekend = matches!(self.end.date().weekday(), Weekday::Sat | Weekday::Sun);
                if *self.calendar == Calendar::Weekdays && weekend {
                    self.end = Timestamp((self.end.0.div_euclid(Timestamp::DAY) + 1) * Timestamp::DAY);
                    self.next = self.end;
                    continue;
                }
                let of = if intraday { Timeframe::DAY } else { self.timeframe };
                let period = self.calendar.period(of, self.end);
                (self.next, self.end) = (period.start, period.end.max(Timestamp(self.end.0 + 1)));
            }
            let open = self.next;
            self.next = if intraday { Timestamp(open.0 + span) } else { self.end };
            if open >= self.from {
                return Some(open);
            }
        }
    }
}

//! A span of time as people say it: `"3y"`, `"6mo"`, `"4wk"`, `"90d"`.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months};
use serde::{Serialize, Serializer};

use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

/// A number of days, weeks, months or years; from 1 to 1,000 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    count: u32,
    unit: SpanUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum SpanUnit {
    Day,
    Week,
    Month,
    Year,
}

impl SpanUnit {
    const NAMES: [&'static str; 4] = ["d", "wk", "mo", "y"];
    const ALL: [SpanUnit; 4] = [SpanUnit::Day, SpanUnit::Week, SpanUnit::Month, SpanUnit::Year];
}

impl Span {
    /// An instant so many of the spans later, at the same time of day. A month from 31 January is the last
    /// of February.
    pub fn after(self, start: Timestamp, times: u32) -> Timestamp {
        let count = self.count.saturating_mul(times);
        let later = start.date_time().and_then(|start| match self.unit {
            SpanUnit::Day => start.checked_add_days(Days::new(u64::from(count))),
            SpanUnit::Week => start.checked_add_days(Days::new(u64::from(count) * 7)),
            SpanUnit::Month => start.checked_add_months(Months::new(count)),
            SpanUnit::Year => start.checked_add_months(Months::new(count.saturating_mul(12))),
        });
        later.map_or(Timestamp(i64::MAX), |later| Timestamp(later.timestamp_micros()))
    }

    /// An instant one span earlier, at the same time of day.
    pub fn before(self, end: Timestamp) -> Timestamp {
        let earlier = end.date_time().and_then(|end| match self.unit {
            SpanUnit::Day => end.checked_sub_days(Days::new(u64::from(self.count))),
            SpanUnit::Week => end.checked_sub_days(Days::new(u64::from(self.count) * 7)),
            SpanUnit::Month => end.checked_sub_months(Months::new(self.count)),
            SpanUnit::Year => end.checked_sub_months(Months::new(self.count * 12)),
        });
        earlier.map_or(Timestamp(i64::MIN), |earlier| Timestamp(earlier.timestamp_micros()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.count, SpanUnit::NAMES[self.unit as usize]))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Span {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, suffix) = text.split_at(digits);
        let unit = SpanUnit::NAMES.iter().position(|name| *name == suffix).map(|index| SpanUnit::ALL[index]);
        match (count.parse(), unit) {
            (Ok(count @ 1..=1_000), Some(unit)) => Ok(Self { count, unit }),
            _ => Err(Diagnostic::new(format!("`{text}` is no span of time"))
                .hint("a number from 1 to 1000 and d, wk, mo or y: \"90d\", \"26wk\", \"6mo\", \"3y\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_by_the_calendar() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let span = |text: &str| text.parse::<Span>().unwrap();
        assert_eq!(span("3y").after(at("2004-02-29"), 1), at("2007-02-28"));
        assert_eq!(span("6mo").after(at("2010-08-31"), 2), at("2011-08-31"));
        assert_eq!(span("1mo").after(at("2011-01-31"), 1), at("2011-02-28"));
        assert_eq!(span("2wk").after(at("2011-01-31 10:00"), 1), at("2011-02-14 10:00"));
        assert_eq!(span("90d").before(at("2011-03-31")), at("2010-12-31"));
        assert_eq!(span("1y").before(at("2012-02-29")), at("2011-02-28"));
        assert_eq!(span("26wk").to_string(), "26wk");
    }

    #[test]
    fn what_is_no_span_says_what_is() {
        for text in ["", "3", "y", "0d", "3w", "-1d", "1001d", "1.5y"] {
            assert!(text.parse::<Span>().unwrap_err().to_string().contains("no span of time"), "{text}");
        }
    }
}

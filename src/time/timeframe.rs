//! The interval of a bar: `1s 5s 1m 5m 15m 30m 1h 4h 1d 1wk 1mo`.

use std::fmt;
use std::str::FromStr;

use crate::error::{Diagnostic, Result};

/// The unit of a [`Timeframe`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `wk`
    Week,
    /// `mo`
    Month,
}

impl Unit {
    const ALL: [(Unit, &'static str, i64); 6] = [
        (Unit::Second, "s", 1),
        (Unit::Minute, "m", 60),
        (Unit::Hour, "h", 3_600),
        (Unit::Day, "d", 86_400),
        (Unit::Week, "wk", 7 * 86_400),
        (Unit::Month, "mo", 30 * 86_400),
    ];
}

/// A number of units of time: the interval that one bar spans.
///
/// Ordered by length: a finer timeframe is less than a coarser one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timeframe {
    count: u32,
    unit: Unit,
}

impl Timeframe {
    /// One day.
    pub const DAY: Timeframe = Timeframe { count: 1, unit: Unit::Day };
    /// One week, Monday to Sunday.
    pub const WEEK: Timeframe = Timeframe { count: 1, unit: Unit::Week };
    /// One calendar month.
    pub const MONTH: Timeframe = Timeframe { count: 1, unit: Unit::Month };

    /// `count` units; from 1 to 10,000.
    pub fn new(count: u32, unit: Unit) -> Result<Self> {
        if (1..=10_000).contains(&count) {
            return Ok(Self { count, unit });
        }
        Err(Diagnostic::new(format!("a timeframe of {count} units: 1 to 10000 are allowed")))
    }

    /// How many units.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The unit.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// Its length in seconds; a month counts as 30 days.
    pub fn seconds(self) -> i64 {
        let (_, _, seconds) = Unit::ALL[self.unit as usize];
        i64::from(self.count) * seconds
    }

    /// Whether a bar of a coarser timeframe is made of whole bars of this one: `15m` in `4h`, `1d` in
    /// `1wk` and `1mo`, but not `1wk` in `1mo`, nor any in itself.
    pub fn nests_in(self, coarse: Timeframe) -> bool {
        let multiple = coarse.count.is_multiple_of(self.count);
        self < coarse
            && match (self.unit, coarse.unit) {
                _ if self.is_intraday() && coarse.is_intraday() => coarse.seconds() % self.seconds() == 0,
                _ if self.is_intraday() => self.seconds() <= Timeframe::DAY.seconds(),
                (Unit::Day, Unit::Week | Unit::Month) => self.count == 1,
                (Unit::Week, Unit::Month) => false,
                _ => multiple,
            }
    }

    /// Shorter than a day.
    pub fn is_intraday(self) -> bool {
        matches!(self.unit, Unit::Second | Unit::Minute | Unit::Hour)
    }
}

impl Ord for Timeframe {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.seconds(), self.unit).cmp(&(other.seconds(), other.unit))
    }
}

impl PartialOrd for Timeframe {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, suffix, _) = Unit::ALL[self.unit as usize];
        f.pad(&format!("{}{suffix}", self.count))
    }
}

impl FromStr for Timeframe {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, suffix) = text.split_at(digits);
        let unit = Unit::ALL.iter().find(|(_, name, _)| *name == suffix).map(|(unit, ..)| *unit);
        match (count.parse(), unit) {
            (Ok(count), Some(unit)) => Self::new(count, unit),
            _ => {
                let diagnostic = Diagnostic::new(format!("`{text}` is no timeframe"));
                Err(match meant(count, suffix) {
                    Some(meant) => diagnostic.hint(format!("did you mean \"{meant}\"?")),
                    None => diagnostic
                        .hint("a number and s, m, h, d, wk or mo: \"5s\", \"1m\", \"4h\", \"1d\", \"1wk\", \"1mo\""),
                })
            }
        }
    }
}

/// A timeframe as others write it.
fn meant(count: &str, unit: &str) -> Option<Timeframe> {
    let count = if count.is_empty() { 1 } else { count.parse().ok()? };
    let unit = match (unit.trim(), unit.trim().to_lowercase().as_str()) {
        ("M", _) | (_, "mon" | "month" | "months" | "monthly") => Unit::Month,
        (_, "w" | "wk" | "week" | "weeks" | "weekly") => Unit::Week,
        (_, "d" | "day" | "days" | "daily") => Unit::Day,
        (_, "h" | "hr" | "hour" | "hours" | "hourly") => Unit::Hour,
        (_, "m" | "min" | "mins" | "minute" | "minutes") => Unit::Minute,
        (_, "s" | "sec" | "secs" | "second" | "seconds") => Unit::Second,
        _ => return None,
    };
    Timeframe::new(count, unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["1s", "30s", "1m", "5m", "15m", "30m", "1h", "4h", "1d", "1wk", "1mo", "3mo"] {
            assert_eq!(text.parse::<Timeframe>().unwrap().to_string(), text);
        }
        for text in ["", "d", "0d", "1", "1y", "1D", "-1d", "1 d", "99999999999d"] {
            assert!(text.parse::<Timeframe>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_others_write_is_told_as_it_is_written_here() {
        for (text, meant) in
            [("1D", "1d"), ("1 day", "1d"), ("weekly", "1wk"), ("60min", "60m"), ("3M", "3mo"), ("5sec", "5s")]
        {
            let error = text.parse::<Timeframe>().unwrap_err();
            assert_eq!(error.help(), Some(format!("did you mean \"{meant}\"?").as_str()));
        }
    }

    #[test]
    fn whole_bars_make_a_coarser_bar() {
        let nests = |fine: &str, coarse: &str| fine.parse::<Timeframe>().unwrap().nests_in(coarse.parse().unwrap());
        for (fine, coarse) in [
            ("1s", "5s"),
            ("60s", "1m"),
            ("15s", "4h"),
            ("5s", "1d"),
            ("60s", "1wk"),
            ("15m", "4h"),
            ("60m", "1h"),
            ("1h", "1d"),
            ("1d", "1mo"),
            ("1wk", "2wk"),
            ("1mo", "3mo"),
        ] {
            assert!(nests(fine, coarse), "{fine} in {coarse}");
        }
        for (fine, coarse) in
            [("7s", "1m"), ("1d", "1d"), ("1d", "1h"), ("2h", "3h"), ("1wk", "1mo"), ("2d", "1wk"), ("2mo", "3mo")]
        {
            assert!(!nests(fine, coarse), "{fine} in {coarse}");
        }
    }

    #[test]
    fn finer_is_less() {
        let order: Vec<Timeframe> =
            ["1s", "59s", "1m", "59m", "1h", "1d", "1wk", "1mo"].map(|t| t.parse().unwrap()).to_vec();
        assert!(order.is_sorted());
        assert!("60m".parse::<Timeframe>().unwrap() != "1h".parse().unwrap());
    }
}

//! Dates as files write them: which of many forms fits, and what it says.

use std::fmt;

use chrono::format::{self, Item, Parsed, StrftimeItems};
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};

use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

/// What a cell says of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// What a clock showed, in µs since 1970 of that clock; the file does not say where it hung.
    Local(i64),
    /// An instant in UTC, and what the clock showed that it was read off. Both in µs.
    Instant { utc: i64, local: i64 },
}

impl Moment {
    /// What the clock showed.
    pub fn local(self) -> i64 {
        match self {
            Moment::Local(local) | Moment::Instant { local, .. } => local,
        }
    }
}

/// How dates are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateFormat {
    /// As chrono writes patterns: `%d/%m/%Y %H:%M`.
    Pattern(Pattern),
    /// So many parts of a second since 1970 in UTC: 1 for seconds, 1,000 for milliseconds, 10^6, 10^9.
    Epoch(i64),
    /// Instants or dates by the type of their column.
    Typed,
}

/// A pattern of dates, taken apart once for all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    items: Vec<Item<'static>>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Dates without times.
    Dates,
    /// What a clock showed, wherever it hung.
    Clock,
    /// What a clock in UTC showed.
    Utc,
    /// What a clock showed, and by how much it was ahead of UTC.
    Offset,
}

impl Pattern {
    /// None where it has a part that no pattern has.
    fn new(text: String) -> Option<Self> {
        let items = StrftimeItems::new(&text).parse_to_owned().ok()?;
        let has_time = ["%H", "%I", "%T", "%R", "%k", "%l"].iter().any(|part| text.contains(part));
        let form = match has_time {
            _ if text.contains("%z") || text.contains("%:z") => Form::Offset,
            true if ["Z", " UTC", " GMT"].iter().any(|zone| text.ends_with(zone)) => Form::Utc,
            true => Form::Clock,
            false => Form::Dates,
        };
        Some(Self { text, items, form })
    }

    fn parse(&self, text: &str) -> Option<Moment> {
        let mut parsed = Parsed::new();
        format::parse(&mut parsed, text, self.items.iter()).ok()?;
        Some(match self.form {
            Form::Offset => {
                let time = parsed.to_datetime().ok()?;
                Moment::Instant { utc: time.timestamp_micros(), local: micros(time.naive_local()) }
            }
            Form::Dates => Moment::Local(Timestamp::midnight(parsed.to_naive_date().ok()?).0),
            Form::Clock => Moment::Local(micros(parsed.to_naive_datetime_with_offset(0).ok()?)),
            Form::Utc => {
                let local = micros(parsed.to_naive_datetime_with_offset(0).ok()?);
                Moment::Instant { utc: local, local }
            }
        })
    }
}

impl DateFormat {
    /// A format that a person gave: a pattern, or `s`, `ms`, `us`, `ns`.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn given(text: &str) -> Result<Self> {
        if let Some((_, parts)) = EPOCHS.iter().find(|(name, _)| *name == text) {
            return Ok(DateFormat::Epoch(*parts));
        }
        let hint = "write it as %d/%m/%Y or %Y-%m-%d %H:%M:%S, or s, ms, us, ns for a count since 1970";
        let no_format = || Diagnostic::new(format!("`{text}` is no format of dates")).hint(hint);
        let pattern = Pattern::new(text.into()).ok_or_else(no_format)?;
        // What it writes it must be able to read: a pattern without a year is not.
        let probe = PROBE.format_with_items(pattern.items.iter()).to_string();
        if pattern.parse(&probe).is_some() { Ok(DateFormat::Pattern(pattern)) } else { Err(no_format()) }
    }

    /// The moment that a cell says.
    pub(super) fn parse(&self, text: &str) -> Option<Moment> {
        match self {
            DateFormat::Typed => None,
            DateFormat::Epoch(parts) => epoch(text, *parts),
            DateFormat::Pattern(pattern) => pattern.parse(text),
        }
    }

    /// The formats that fit most of some cells: one, unless dates may be read in several ways.
    pub(super) fn fitting(cells: &[&str]) -> Vec<Self> {
        // The first cells say which forms are worth a look.
        let likely = |format: &DateFormat| cells.iter().take(3).any(|cell| plausible(format.parse(cell)));
        let mut best: Vec<(DateFormat, Vec<Option<Moment>>)> = Vec::new();
        let mut most = cells.len() / 2 + 1;
        for format in candidates().filter(likely) {
            let read: Vec<Option<Moment>> = cells.iter().map(|cell| format.parse(cell)).collect();
            let fits = read.iter().filter(|moment| plausible(**moment)).count();
            if fits < most {
                continue;
            }
            if fits > most {
                (best, most) = (Vec::new(), fits);
            }
            if best.iter().all(|(other, by_other)| *by_other != read || format.contradicts(other)) {
                best.push((format, read));
            }
        }
        let formats: Vec<Self> = best.into_iter().map(|(format, _)| format).collect();
        if formats.is_empty() { epochs(cells).into_iter().collect() } else { formats }
    }

    /// Whether another format reads what this one writes as something else.
    fn contradicts(&self, other: &Self) -> bool {
        let DateFormat::Pattern(pattern) = self else { return false };
        let text = PROBE.format_with_items(pattern.items.iter()).to_string();
        other.parse(&text).is_some_and(|moment| Some(moment) != self.parse(&text))
    }

    /// Whether it has only dates, without times.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self, DateFormat::Pattern(pattern) if pattern.form == Form::Dates)
    }

    /// Where the clock hung, as far as the format itself says.
    pub(super) fn zone(&self) -> Option<&'static str> {
        match self {
            DateFormat::Pattern(pattern) => match pattern.form {
                Form::Utc => Some("in UTC"),
                Form::Offset => Some("with their offset from UTC"),
                Form::Dates | Form::Clock => None,
            },
            DateFormat::Epoch(_) => Some("instants in UTC"),
            DateFormat::Typed => None,
        }
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DateFormat::Pattern(pattern) => f.write_str(&pattern.text),
            DateFormat::Epoch(parts) => {
                let unit = EPOCHS.iter().find(|(_, other)| other == parts).map_or("s", |(name, _)| name);
                write!(f, "{unit} since 1970")
            }
            DateFormat::Typed => f.write_str("of its type"),
        }
    }
}

/// 2003-04-05 06:07:08, whose parts all differ.
const PROBE: DateTime<Utc> = match DateTime::from_timestamp(1_049_522_828, 0) {
    Some(probe) => probe,
    None => DateTime::<Utc>::UNIX_EPOCH,
};

const EPOCHS: [(&str, i64); 4] = [("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000)];

/// Forms of a date. `%B` reads names in full and cut off.
#[rustfmt::skip]
const DATES: [&str; 24] = [
    "%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%B %d, %Y", "%B %d %Y",
    "%d %B %Y", "%d-%B-%Y", "%d-%B-%y", "%d %B %y", "%a %B %d %Y", "%A, %B %d, %Y",
];
/// Forms of a time of the day, with what stands before it.
#[rustfmt::skip]
const TIMES: [&str; 10] = [
    " %H:%M:%S%.f", " %H:%M", "T%H:%M:%S%.f", "T%H:%M", " %H%M%S", " %H%M", " %I:%M:%S %p", " %I:%M %p",
    ", %H:%M:%S%.f", ", %H:%M",
];
/// What may follow a time: where its clock hung.
const ZONES: [&str; 8] = ["", "Z", " UTC", " GMT", "%z", " %z", " GMT%z", " UTC%z"];

fn candidates() -> impl Iterator<Item = DateFormat> {
    let times = || TIMES.iter().flat_map(|time| ZONES.iter().map(move |zone| format!("{time}{zone}")));
    let dated =
        move |date: &'static str| [String::new()].into_iter().chain(times()).map(move |time| format!("{date}{time}"));
    let attached = ["%Y%m%d%H%M%S", "%Y%m%d%H%M"].map(str::to_owned);
    DATES.into_iter().flat_map(dated).chain(attached).filter_map(Pattern::new).map(DateFormat::Pattern)
}

/// The unit of counts since 1970, by their size.
fn epochs(cells: &[&str]) -> Option<DateFormat> {
    let counts: Vec<f64> = cells.iter().filter_map(|cell| cell.parse::<f64>().ok()).map(f64::abs).collect();
    if counts.len() * 2 <= cells.len() {
        return None;
    }
    let largest = counts.into_iter().filter(|count| count.is_finite()).fold(0.0, f64::max);
    let parts = match largest {
        size if size < 1e8 => return None,
        size if size < 1e11 => 1,
        size if size < 1e14 => 1_000,
        size if size < 1e17 => 1_000_000,
        _ => 1_000_000_000,
    };
    Some(DateFormat::Epoch(parts))
}

fn epoch(text: &str, parts: i64) -> Option<Moment> {
    let utc = match text.parse::<i64>() {
        Ok(count) => from_count(count, parts)?,
        Err(_) => {
            let count = text.parse::<f64>().ok().filter(|count| count.is_finite())?;
            // Beyond the range of i64 it is no date anyway.
            (count * (1e6 / parts as f64)).round() as i64
        }
    };
    Some(Moment::Instant { utc, local: utc })
}

/// A count of parts of a second in µs.
pub(super) fn from_count(count: i64, parts: i64) -> Option<i64> {
    match 1_000_000 / parts {
        0 => Some(count.div_euclid(parts / 1_000_000)),
        factor => count.checked_mul(factor),
    }
}

/// A date that files have: a year of two digits that is read as one of four lies outside.
fn plausible(moment: Option<Moment>) -> bool {
    let years = -135_140 * Timestamp::DAY..157_054 * Timestamp::DAY; // 1600 to 2400
    moment.is_some_and(|moment| years.contains(&moment.local()))
}

fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

/// Whether a cell is a time of the day alone, as the second of two columns has it.
pub(super) fn is_time_of_day(text: &str) -> bool {
    let colons = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];
    colons.iter().chain(&["%H%M%S", "%H%M"]).any(|format| NaiveTime::parse_from_str(text, format).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(cells: &[&str]) -> Vec<String> {
        DateFormat::fitting(cells).iter().map(DateFormat::to_string).collect()
    }

    #[test]
    fn the_form_of_dates_is_seen() {
        for (cell, format) in [
            ("2012-05-18", "%Y-%m-%d"),
            ("2012-05-18 14:30", "%Y-%m-%d %H:%M"),
            ("2012-05-18T14:30:05.250", "%Y-%m-%dT%H:%M:%S%.f"),
            ("2012-05-18T14:30:00Z", "%Y-%m-%dT%H:%M:%S%.fZ"),
            ("2012-05-18 00:00:00-04:00", "%Y-%m-%d %H:%M:%S%.f%z"),
            ("2024.05.17 23:59", "%Y.%m.%d %H:%M"),
            ("20120518", "%Y%m%d"),
            ("20120518 143000", "%Y%m%d %H%M%S"),
            ("201205181430", "%Y%m%d%H%M"),
            ("20120518143000", "%Y%m%d%H%M%S"),
            ("18.05.2012", "%d.%m.%Y"),
            ("18/05/2012", "%d/%m/%Y"),
            ("05/18/2012", "%m/%d/%Y"),
            ("05/18/2012 2:30 PM", "%m/%d/%Y %I:%M %p"),
            ("May 18, 2012", "%B %d, %Y"),
            ("18-May-12", "%d-%B-%y"),
            ("01.05.2024 00:00:00.000 GMT-0500", "%d.%m.%Y %H:%M:%S%.f GMT%z"),
            ("1337351400", "s since 1970"),
            ("1337351400.0", "s since 1970"),
            ("1337351400000", "ms since 1970"),
            ("1337351400000000", "us since 1970"),
            ("1337351400000000000", "ns since 1970"),
        ] {
            assert_eq!(guessed(&[cell]), [format], "{cell}");
        }
        for cell in ["", "yesterday", "2012-02-30", "45000", "12:30"] {
            assert_eq!(guessed(&[cell]), [""; 0], "{cell}");
        }
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_not_guessed() {
        assert_eq!(guessed(&["03/04/2024", "04/04/2024"]), ["%d/%m/%Y", "%m/%d/%Y"]);
        assert_eq!(guessed(&["03/04/2024", "13/04/2024"]), ["%d/%m/%Y"]);
        assert_eq!(guessed(&["03/04/2024", "03/13/2024"]), ["%m/%d/%Y"]);
        assert_eq!(guessed(&["04/04/2024"]).len(), 2, "the same day either way, but not the next one");
        assert!(guessed(&["24-03-28"]).len() > 1);
    }

    #[test]
    fn a_format_that_is_given_is_checked() {
        assert_eq!(DateFormat::given("ms").unwrap(), DateFormat::Epoch(1_000));
        assert!(DateFormat::given("%d/%m/%y %H:%M").is_ok());
        for wrong in ["%Q", "dd/mm/yyyy", "%m/%Y", ""] {
            assert!(DateFormat::given(wrong).unwrap_err().help().is_some(), "{wrong}");
        }
    }

    #[test]
    fn an_instant_and_a_clock_are_told_apart() {
        let read = |format: &str, text: &str| DateFormat::given(format).unwrap().parse(text).unwrap();
        let midnight = 15_478 * Timestamp::DAY;
        assert_eq!(read("%Y-%m-%d %H:%M", "2012-05-18 00:00"), Moment::Local(midnight));
        let five = 5 * 3_600 * Timestamp::SECOND;
        let offset = read("%Y-%m-%d %H:%M%z", "2012-05-18 00:00-05:00");
        assert_eq!(offset, Moment::Instant { utc: midnight + five, local: midnight });
        assert_eq!(read("ns", "1337299200000000999"), Moment::Instant { utc: midnight, local: midnight });
    }
}

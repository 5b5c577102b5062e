//! `dataset.toml`: what a dataset is, when it trades, where it comes from, and which files it has.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;

use crate::data::files::{replace_file, unusable};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Session};

const FILE: &str = "dataset.toml";
const KEYS: [&str; 10] = [
    "calendar",
    "timezone",
    "holidays",
    "early_closes",
    "day_starts",
    "currency",
    "source",
    "licence",
    "trading",
    "files",
];

/// What `dataset.toml` says about a dataset.
///
/// ```toml
/// calendar = "09:30-16:00"           # or "XNYS", "weekdays", "24x7"
/// timezone = "America/New_York"      # of those hours; UTC where it is left out
/// holidays = ["2012-10-29"]          # of those hours: dates on which they are not kept
/// early_closes = { "2012-11-23" = "13:00" }
/// currency = "USD"
/// source = "where the figures come from"
/// licence = "what may be done with them"
///
/// [trading]                          # what trading costs, where a script does not say
/// commission = 0.001
/// tick = 0.01
///
/// [files]                            # the SHA-256 of each file
/// "AAPL/1d.parquet" = "9f86d081884c7d65…"
/// ```
///
/// Hours that end before they begin go through midnight (`18:00-17:00`). `XNYS` is the New York Stock Exchange with
/// its holidays and early closes of 1990 to 2027; further ones may be added. Weekdays and 24x7 have their days
/// start at midnight UTC, or at `day_starts = "22:00"`, UTC too.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// When its instruments trade.
    pub calendar: Calendar,
    /// What its prices are in.
    pub currency: String,
    /// Where its figures come from.
    pub source: String,
    /// What may be done with them.
    pub licence: String,
    /// What it costs to trade its instruments, by the names that scripts have for it; what may stand
    /// here is for `crate::strategy` to say.
    pub trading: BTreeMap<String, Stated>,
    /// SHA-256 of each file, by its path below the dataset's folder, with `/`.
    pub files: BTreeMap<String, String>,
}

/// A value of a `dataset.toml`, and where it stands there.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The value.
    pub value: toml::Value,
    /// Its place.
    pub origin: Origin,
}

/// The file as it is written; [`Manifest`] is what it means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    calendar: toml::Spanned<String>,
    #[serde(default = "utc")]
    timezone: toml::Spanned<String>,
    #[serde(default)]
    holidays: Vec<toml::Spanned<toml::Value>>,
    #[serde(default)]
    early_closes: BTreeMap<toml::Spanned<String>, toml::Spanned<toml::Value>>,
    day_starts: Option<toml::Spanned<String>>,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    trading: BTreeMap<String, toml::Spanned<toml::Value>>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

fn utc() -> toml::Spanned<String> {
    toml::Spanned::new(0..0, "UTC".into())
}

impl Text {
    /// When its instruments trade; `at` is the place of an offset in the text.
    fn calendar(&self, at: &impl Fn(usize) -> Origin) -> Result<Calendar> {
        let zone = &self.timezone;
        let timezone = Calendar::timezone_called(zone.get_ref()).map_err(|error| error.at(at(zone.span().start)))?;
        let name_at = at(self.calendar.span().start);
        let calendar = Calendar::new(self.calendar.get_ref(), timezone).map_err(|error| error.at(name_at))?;
        let calendar = match &self.day_starts {
            Some(time) => calendar.with_days_from(time.get_ref()).map_err(|error| error.at(at(time.span().start)))?,
            None => calendar,
        };
        let first = self.holidays.first().map(toml::Spanned::span);
        let first = first.or_else(|| self.early_closes.keys().next().map(toml::Spanned::span));
        match (calendar, first) {
            (Calendar::Session(session), _) => self.with_exceptions(session, at).map(Calendar::Session),
            (calendar, None) => Ok(calendar),
            (calendar, Some(span)) => {
                let message = format!("holidays and early closes are a session's: {calendar} has none");
                Err(Diagnostic::new(message)
                    .hint("give the session's hours: calendar = \"09:30-16:00\", and their timezone; or \"XNYS\"")
                    .at(at(span.start)))
            }
        }
    }

    fn with_exceptions(&self, session: Session, at: &impl Fn(usize) -> Origin) -> Result<Session> {
        let date = |value: &toml::Spanned<toml::Value>| {
            let text = word(value.get_ref());
            day_called(&text).map_err(|error| error.at(at(value.span().start)))
        };
        let holidays = self.holidays.iter().map(date).collect::<Result<Vec<_>>>()?;
        self.early_closes.iter().try_fold(session.with_holidays(holidays), |session, (date, time)| {
            let day = day_called(date.get_ref()).map_err(|error| error.at(at(date.span().start)))?;
            session.with_early_close(day, &word(time.get_ref())).map_err(|error| error.at(at(time.span().start)))
        })
    }
}

/// A value as it would be between quotes: dates and times may stand without.
fn word(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn day_called(text: &str) -> Result<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| Diagnostic::new(format!("`{text}` is no date")).hint("write year, month and day: \"2012-10-29\""))
}

impl Manifest {
    /// The path of the `dataset.toml` of a dataset's folder.
    pub fn path(dataset: &Path) -> PathBuf {
        dataset.join(FILE)
    }

    /// Reads the `dataset.toml` of a dataset's folder.
    ///
    /// # Errors
    /// Where there is none; at the line and column of what is wrong in it.
    pub fn read(dataset: &Path) -> Result<Self> {
        let path = Self::path(dataset);
        let text = fs::read_to_string(&path).map_err(|error| {
            unusable(&path, "cannot be read", &error)
                .hint("a dataset's folder needs one; the least that it can say is: calendar = \"weekdays\"")
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads the text of a `dataset.toml`; `file` is its name in messages.
    ///
    /// # Errors
    /// At the line and column of what is wrong.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let at = |offset: usize| {
            let before = text.get(..offset).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let column = before[line_start..].chars().count() + 1;
            Origin { file: file.into(), line: before.matches('\n').count() + 1, column }
        };
        let read: Text = toml::from_str(text).map_err(|error| {
            let origin = error.span().map_or_else(|| Origin::file(file), |span| at(span.start));
            explained(error.message()).at(origin)
        })?;
        let calendar = read.calendar(&at)?;
        let Text { currency, source, licence, trading, files, .. } = read;
        let stated = |value: toml::Spanned<toml::Value>| {
            let origin = at(value.span().start);
            Stated { value: value.into_inner(), origin }
        };
        let trading = trading.into_iter().map(|(name, value)| (name, stated(value))).collect();
        Ok(Self { calendar, currency, source, licence, trading, files })
    }

    /// Writes it into a dataset's folder. Of a `dataset.toml` that is there, only the table of files
    /// is written anew: a person's comments above it stay.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, dataset: &Path) -> Result<()> {
        let path = Self::path(dataset);
        let old = fs::read_to_string(&path).unwrap_or_default();
        let (above, below) = match old.split_once("[files]") {
            // A table that follows stays too.
            Some((above, files)) => (above.to_owned(), files.find("\n[").map_or("", |at| &files[at..])),
            None if !old.is_empty() => (format!("{}\n\n", old.trim_end()), ""),
            None => (self.head(), ""),
        };
        let files: String =
            self.files.iter().map(|(name, hash)| format!("{} = {}\n", quoted(name), quoted(hash))).collect();
        replace_file(&path, format!("{above}[files]\n{files}{below}").as_bytes())
    }

    /// What stands above the table of files in a new `dataset.toml`.
    fn head(&self) -> String {
        format!(
            "calendar = {}\ntimezone = {}\n{}currency = {}\nsource = {}\nlicence = {}\n\n# The SHA-256 of each file, written by `runner data`.\n",
            quoted(&self.calendar.to_string()),
            quoted(self.calendar.timezone().name()),
            exceptions(&self.calendar),
            quoted(&self.currency),
            quoted(&self.source),
            quoted(&self.licence),
        )
    }
}

/// The lines for when a calendar's days start, and for its holidays and early closes.
fn exceptions(calendar: &Calendar) -> String {
    match calendar {
        Calendar::DayStart(start) => format!("day_starts = {}\n", quoted(&start.to_string())),
        Calendar::Session(session) => {
            let holidays: Vec<String> = session.holidays().map(|date| quoted(&date.to_string())).collect();
            let early = session.early_closes();
            let early = early.map(|(date, time)| format!("{} = {}", quoted(&date.to_string()), quoted(&time)));
            let early: Vec<String> = early.collect();
            let line = |values: Vec<String>, text: &dyn Fn(String) -> String| {
                if values.is_empty() { String::new() } else { text(values.join(", ")) }
            };
            line(holidays, &|dates| format!("holidays = [{dates}]\n"))
                + line(early, &|dates| format!("early_closes = {{ {dates} }}\n")).as_str()
        }
        Calendar::Weekdays | Calendar::Continuous => String::new(),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// What the TOML reader says, and the nearest key where it did not know one.
fn explained(message: &str) -> Diagnostic {
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    match unknown {
        Some((key, _)) => Diagnostic::new(format!("there is no key `{key}` in a {FILE}")).did_you_mean(key, KEYS),
        None if message.contains("missing field `calendar`") => {
            Diagnostic::new("it does not say when the dataset trades")
                .hint("add a line: calendar = \"weekdays\", \"24x7\", \"XNYS\", or \"09:30-16:00\" and a timezone")
        }
        None => Diagnostic::new(message.trim().replace('\n', " ")),
    }
}

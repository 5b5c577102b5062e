//! Understands a file: what a person said of it, then what its first rows tell; nothing is guessed that they do not.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::data::Field;
use crate::data::import::batches;
use crate::data::import::clock::{Clock, Stamp};
use crate::data::import::columns::{Kind, Seen, Use, plain, uses};
use crate::data::import::csv::{self, Text, TextRows};
use crate::data::import::dates::{DateFormat, Moment};
use crate::data::import::numbers::Decimal;
use crate::data::import::rows::{Layout, RawRow, Rows, Step};
use crate::data::import::source::{Kind as FileKind, Packed, Source};
use crate::data::import::track::Order;
use crate::data::import::understanding::Understanding;
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// What a person says of how files are to be read. What is not said is guessed from the files, and shown.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What stands between the cells of a text file.
    pub delimiter: Option<u8>,
    /// Whether its first line names the columns.
    pub header: Option<bool>,
    /// Meanings of columns and their names in the file: `("close", "Kurs")`.
    pub columns: Vec<(String, String)>,
    /// Columns that are not to come in.
    pub leave_out: Vec<String>,
    /// Store a volume of 0 where the file has none.
    pub without_volume: bool,
    /// How dates are written.
    pub dates: Option<DateFormat>,
    /// What stands in numbers between the whole and the fraction.
    pub decimal: Option<Decimal>,
    /// Where the clock hung that times were read off.
    pub timezone: Option<Tz>,
    /// Whether a row is stamped with when its bar opens or closes.
    pub stamp: Stamp,
    /// Sort rows that are not in order.
    pub sort: bool,
}

/// A file that was understood, ready to be read.
pub(super) struct Understood {
    pub understanding: Understanding,
    text: Option<Text>,
}

impl Understood {
    /// Its rows from the first on.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn rows<'a>(&'a self, source: &'a Source) -> Result<Box<dyn Rows + 'a>> {
        let layout = &self.understanding.layout;
        Ok(match &self.text {
            Some(text) => Box::new(TextRows::open(source, text, layout)?),
            None => Box::new(batches::BatchRows::open(source, layout)?),
        })
    }
}

impl Reading {
    /// Understands a file.
    ///
    /// # Errors
    /// Where it cannot be read, or may be understood in more than one way.
    pub(super) fn understand(
        &self,
        source: &Source,
        timeframe: Option<Timeframe>,
        calendar: Calendar,
    ) -> Result<Understood> {
        let understood = match source.kind {
            FileKind::Text => self.text(source, timeframe, calendar),
            FileKind::Parquet | FileKind::Arrow | FileKind::ArrowStream => self.batches(source, timeframe, calendar),
        };
        understood.map_err(|error| error.at(Origin::file(source.name())))
    }

    fn text(&self, source: &Source, timeframe: Option<Timeframe>, calendar: Calendar) -> Result<Understood> {
        let text = csv::look(source, self.delimiter, self.header)?;
        let (seen, decimal) = text.seen(source, self.decimal)?;
        let line = if text.has_header { text.above } else { 0 };
        let at_header = |error: Diagnostic| match line {
            0 => error,
            line => error.at(Origin::line(source.name(), line)),
        };
        let uses = match text.has_header || !self.columns.is_empty() {
            true => self.uses(&seen).map_err(at_header)?,
            false => by_position(&seen, &text, decimal)?,
        };
        let layout = Layout::new(uses, &text.names, DateFormat::Typed, decimal);
        let cells = text.dates(layout.timestamp, layout.time);
        let formats = self.formats(&cells)?;
        let dates = match formats.len() {
            1 => formats,
            _ => settled(source, &text, &layout, formats)?,
        };
        let layout = Layout { dates: one_format(dates, &cells)?, ..layout };
        let delimiter = match text.delimiter {
            b'\t' => "tabs".to_owned(),
            b' ' => "spaces".to_owned(),
            other => format!("`{}`", char::from(other)),
        };
        let packed = match source.packed {
            Packed::Plain => "",
            Packed::Gzip => ", packed by gzip",
            Packed::Zstd => ", packed by zstd",
        };
        let header = if text.has_header { "" } else { ", without a header" };
        let form = format!("text with {delimiter} between cells{header}{packed}");
        let mut rows = TextRows::open(source, &text, &layout)?;
        let sample = sample(&mut rows)?;
        drop(rows);
        let example = cells.first().cloned().unwrap_or_default();
        let names = text.names.clone();
        let understanding = self.finish(Found { form, names, layout, example, sample }, timeframe, calendar)?;
        // Of a folder of files, only what is needed to read each is kept.
        Ok(Understood { understanding, text: Some(Text { sample: Vec::new(), ..text }) })
    }

    fn batches(&self, source: &Source, timeframe: Option<Timeframe>, calendar: Calendar) -> Result<Understood> {
        let look = batches::look(source)?;
        let uses = self.uses(&look.seen)?;
        let texts = look.texts();
        let decimal = match self.decimal {
            Some(decimal) => decimal,
            None => Decimal::guess(texts.iter().map(String::as_str)).unwrap_or(Decimal::Point),
        };
        let layout = Layout::new(uses, &look.names, DateFormat::Typed, decimal);
        let layout = match look.dates(layout.timestamp, layout.time) {
            Some(cells) => Layout { dates: one_format(self.formats(&cells)?, &cells)?, ..layout },
            None => layout,
        };
        let form = match source.kind {
            FileKind::Parquet => "Parquet",
            FileKind::ArrowStream => "an Arrow stream",
            FileKind::Arrow | FileKind::Text => "Arrow (Feather)",
        };
        let sample = sample(&mut batches::BatchRows::open(source, &layout)?)?;
        let example = sample.first().map_or(String::new(), |(_, moment)| Timestamp(moment.local()).to_string());
        let found = Found { form: form.into(), names: look.names, layout, example, sample };
        let understanding = self.finish(found, timeframe, calendar)?;
        Ok(Understood { understanding, text: None })
    }

    fn uses(&self, seen: &[Seen]) -> Result<Vec<Use>> {
        let is_left_out = |column: &Seen| self.leave_out.iter().any(|name| plain(name) == plain(&column.name));
        if let Some(name) = self.leave_out.iter().find(|name| seen.iter().all(|of| plain(&of.name) != plain(name))) {
            return Err(Diagnostic::new(format!("--leave-out: there is no column `{name}`"))
                .did_you_mean(name, seen.iter().map(|column| column.name.trim())));
        }
        // What is left out must not be taken for anything.
        let kept: Vec<Seen> = seen.iter().filter(|column| !is_left_out(column)).cloned().collect();
        let mut kept = uses(&kept, &self.columns, self.without_volume)?.into_iter();
        let used = |column: &Seen| match is_left_out(column) {
            true => Use::LeftOut("asked for"),
            false => kept.next().unwrap_or(Use::LeftOut("text")),
        };
        Ok(seen.iter().map(used).collect())
    }

    fn formats(&self, cells: &[String]) -> Result<Vec<DateFormat>> {
        if let Some(given) = &self.dates {
            return Ok(vec![given.clone()]);
        }
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let formats = DateFormat::fitting(&cells);
        if formats.is_empty() {
            let cell = cells.first().copied().unwrap_or_default();
            let fits = |other: &&&str| DateFormat::fitting(&[cell]).iter().all(|format| format.parse(other).is_none());
            if let Some(other) = cells.iter().find(fits).filter(|_| !DateFormat::fitting(&[cell]).is_empty()) {
                return Err(Diagnostic::new(format!("dates are written in several ways: `{cell}` and `{other}`"))
                    .hint("write them all alike"));
            }
            let error = Diagnostic::new(format!("`{cell}` is no date in a format that is known"));
            if cell.parse::<f64>().is_ok_and(|days| (20_000.0..80_000.0).contains(&days)) {
                return Err(error
                    .hint("is it a workbook's count of days? give its cells the format of a date, and save it again"));
            }
            return Err(error.hint(
                "say how dates are written, as in --date-format '%d.%m.%Y %H:%M'; or which column has them: --columns date=NAME",
            ));
        }
        Ok(formats)
    }

    /// What the first rows tell of the order, the pace and the clock.
    fn finish(&self, found: Found, given: Option<Timeframe>, calendar: Calendar) -> Result<Understanding> {
        let Found { form, names, layout, example, sample } = found;
        let gaps = gaps(&sample);
        let order = match gaps.iter().filter(|gap| **gap < 0).count() * 2 > gaps.len() {
            _ if self.sort => Order::Unsorted,
            true => Order::NewestFirst,
            false => Order::OldestFirst,
        };
        let timeframe = match given {
            Some(timeframe) => timeframe,
            None if gaps.is_empty() && sample.len() > 1 && layout.dates.is_bare() => {
                return Err(Diagnostic::new(format!("all rows are of one date, `{example}`: that is no timeframe"))
                    .hint("is there a column of times? --columns time=NAME; or of symbols? --columns symbol=NAME"));
            }
            None => pace(&gaps)?,
        };
        if timeframe.is_intraday() && layout.dates.is_bare() {
            return Err(Diagnostic::new(format!("the dates have no times, which {timeframe} bars need"))
                .hint("is there a column of times? --columns time=NAME; or another --timeframe?"));
        }
        // The clock of the first rows, to ask what must be asked before all are read.
        let mut clock = Clock::new(self.timezone, timeframe, calendar, self.stamp);
        let without = |(_, moment): &&(String, Moment)| {
            matches!(moment, Moment::Local(_)) && self.timezone.is_none() && clock.instant(*moment).is_err()
        };
        if let Some((_, moment)) = sample.iter().find(without) {
            let message = format!("the file does not say in which timezone {} is", Timestamp(moment.local()));
            return Err(Diagnostic::new(message).hint(
                "say it: --source-timezone America/New_York, or UTC; exchanges and brokers tell which they use",
            ));
        }
        Ok(Understanding {
            form,
            names,
            layout,
            example,
            order,
            timeframe,
            timeframe_was_guessed: given.is_none(),
            zone: self.timezone,
            stamp: self.stamp,
        })
    }
}

/// What was found of a file before its first rows were looked at for their times.
struct Found {
    form: String,
    names: Vec<String>,
    layout: Layout,
    example: String,
    sample: Vec<(String, Moment)>,
}

/// How many rows tell the order and the pace.
const SAMPLE: usize = 1000;

/// The symbols and moments of the first rows that are right.
fn sample(rows: &mut dyn Rows) -> Result<Vec<(String, Moment)>> {
    let mut row = RawRow::new();
    let mut sample = Vec::new();
    for _ in 0..SAMPLE {
        match rows.next(&mut row)? {
            Step::Row => sample.push((row.symbol.clone(), row.moment)),
            Step::Wrong(_) => (),
            Step::End => break,
        }
    }
    Ok(sample)
}

/// From each row of a symbol to its next, in µs.
fn gaps(sample: &[(String, Moment)]) -> Vec<i64> {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (symbol, moment) in sample {
        let now = match moment {
            Moment::Instant { utc, .. } => *utc,
            Moment::Local(local) => *local,
        };
        gaps.extend(last.insert(symbol, now).map(|before| now.saturating_sub(before)).filter(|gap| *gap != 0));
    }
    gaps
}

/// The timeframes that a pace is taken for.
const TIMEFRAMES: [&str; 27] = [
    "1s", "5s", "10s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m", "45m", "1h", "2h", "3h", "4h",
    "6h", "8h", "12h", "1d", "1wk", "2wk", "1mo", "3mo", "12mo",
];

/// The timeframe of rows by the least gap that a tenth of them have.
fn pace(gaps: &[i64]) -> Result<Timeframe> {
    let mut sizes: Vec<i64> = gaps.iter().map(|gap| gap.saturating_abs() / Timestamp::SECOND).collect();
    sizes.sort_unstable();
    let often = |size: &i64| sizes.iter().filter(|other| *other == size).count() * 10 >= sizes.len();
    let least = sizes.iter().copied().find(often);
    let fits = |size: i64, timeframe: &Timeframe| match timeframe.to_string().as_str() {
        "1mo" => (28..=31).contains(&(size / 86_400)),
        "3mo" => (89..=92).contains(&(size / 86_400)),
        "12mo" => (365..=366).contains(&(size / 86_400)),
        _ => timeframe.seconds() == size,
    };
    let known = || TIMEFRAMES.iter().filter_map(|text| text.parse::<Timeframe>().ok());
    least.and_then(|size| known().find(|timeframe| size > 0 && fits(size, timeframe))).ok_or_else(|| {
        let message = match least {
            None => "one row does not tell the timeframe".to_owned(),
            Some(size) if size >= 86_400 => {
                format!("rows {:.1} days apart do not tell the timeframe", size as f64 / 86_400.0)
            }
            Some(size) => format!("rows {size} seconds apart do not tell the timeframe"),
        };
        Diagnostic::new(message).hint("say it: --timeframe 1m, 1h, 1d, 1wk …")
    })
}

/// The one format, or why it is not known.
fn one_format(formats: Vec<DateFormat>, cells: &[String]) -> Result<DateFormat> {
    let mut formats = formats.into_iter();
    let (first, second) = (formats.next().unwrap_or(DateFormat::Typed), formats.next());
    let Some(second) = second else { return Ok(first) };
    let cell = cells.first().map_or("", String::as_str);
    let date =
        |format: &DateFormat| format.parse(cell).map_or(String::new(), |moment| Timestamp(moment.local()).to_string());
    Err(Diagnostic::new(format!("`{cell}` may be {} or {}, and no row tells which", date(&first), date(&second)))
        .hint(format!("say which it is: --date-format '{first}' or '{second}'")))
}

/// The formats that are left when all rows were looked at, as far as that is needed.
fn settled(source: &Source, text: &Text, layout: &Layout, mut formats: Vec<DateFormat>) -> Result<Vec<DateFormat>> {
    let mut rows = TextRows::open(source, text, layout)?;
    while formats.len() > 1 {
        let Some(cell) = rows.next_date()? else { break };
        let fits = |format: &DateFormat| format.parse(&cell).is_some();
        if formats.iter().any(fits) {
            formats.retain(fits);
        }
    }
    Ok(formats)
}

/// Columns of a file that names none: dates, then open, high, low, close, volume, where the figures say so.
fn by_position(seen: &[Seen], text: &Text, decimal: Decimal) -> Result<Vec<Use>> {
    let unclear = || {
        let first: Vec<String> = text
            .sample
            .iter()
            .take(1)
            .flatten()
            .enumerate()
            .map(|(place, cell)| format!("{} `{cell}`", place + 1))
            .collect();
        Diagnostic::new("the file does not name its columns, and its figures do not tell which is which").hint(format!(
            "say it: --columns date=1,open=2,high=3,low=4,close=5; the first row has: {}",
            first.join(", ")
        ))
    };
    let mut uses = vec![Use::LeftOut("no name"); seen.len()];
    let cells = |place: usize| -> Vec<&str> {
        text.sample.iter().filter_map(|row| row.get(place)).map(String::as_str).collect()
    };
    let is_date = |place: &usize| seen[*place].kind == Kind::Date || !DateFormat::fitting(&cells(*place)).is_empty();
    let date = (0..seen.len()).find(is_date).ok_or_else(unclear)?;
    uses[date] = Use::Timestamp;
    if let Some(symbol) = (0..date).find(|place| seen[*place].kind == Kind::Text) {
        uses[symbol] = Use::Symbol;
    }
    let mut next = date + 1;
    if seen.get(next).is_some_and(|column| column.kind == Kind::Time) {
        uses[next] = Use::Time;
        next += 1;
    }
    for (place, field) in (next..seen.len()).zip(Field::ALL) {
        if seen[place].kind == Kind::Number {
            uses[place] = Use::Field(field);
        }
    }
    let is_ordered = |row: &Vec<String>| {
        let value = |place: usize| row.get(place).and_then(|cell| decimal.parse(cell));
        let values: Option<Vec<f64>> = (next..next + 4).map(value).collect();
        values.is_some_and(|values| match values[..] {
            [open, high, low, close] => low <= open.min(close) && open.max(close) <= high,
            _ => false,
        })
    };
    let ordered = text.sample.iter().filter(|row| is_ordered(row)).count();
    let has_all = Field::ALL.iter().all(|field| uses.contains(&Use::Field(*field)));
    if has_all && ordered * 10 >= text.sample.len() * 9 { Ok(uses) } else { Err(unclear()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_timeframe_is_told_by_its_pace() {
        for text in TIMEFRAMES {
            let seconds = match text {
                "3mo" => 91 * 86_400,
                "12mo" => 365 * 86_400,
                text => text.parse::<Timeframe>().unwrap().seconds(),
            };
            assert_eq!(pace(&[seconds * Timestamp::SECOND; 3]).unwrap().to_string(), text);
        }
        assert!(pace(&[]).is_err());
        assert!(pace(&[3 * Timestamp::DAY]).is_err());
    }
}

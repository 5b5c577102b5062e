//! Text files: what divides their cells, where their header ends, and their rows.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::data::import::columns::{Kind, Seen, plain};
use crate::data::import::dates::{DateFormat, is_time_of_day};
use crate::data::import::lines::{LONGEST, Limit, Lines};
use crate::data::import::numbers::Decimal;
use crate::data::import::rows::{Layout, RawRow, Rows, Step};
use crate::data::import::source::{Count, Source};
use crate::data::quality::Problem;
use crate::error::{Diagnostic, Origin, Result};

/// How much of a file is looked at before it is read.
const SAMPLE: usize = 1 << 18;
/// How many rows of it.
const SAMPLE_ROWS: usize = 1000;
/// How many columns a file may have.
pub(super) const COLUMNS: usize = 1000;
/// How many lines may stand above the header, and how many lines it may have.
const PREAMBLE: usize = 20;
const DELIMITERS: [u8; 5] = [b';', b'\t', b'|', b',', b' '];

/// What a text file looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub delimiter: u8,
    /// The names of its columns; their numbers where it names none.
    pub names: Vec<String>,
    pub has_header: bool,
    /// How many records stand above the first row.
    pub above: usize,
    /// The first rows.
    pub sample: Vec<Vec<String>>,
}

/// The first lines of a file, which a person may help to understand.
///
/// # Errors
/// Where it cannot be read, has no rows, or too many columns.
pub(super) fn look(source: &Source, delimiter: Option<u8>, header: Option<bool>) -> Result<Text> {
    let here = |message: &str| Diagnostic::new(message).at(Origin::file(source.name()));
    let start = beginning(source)?;
    if start.contains(&0) {
        return Err(here("this is no text: it has bytes of zero").hint("CSV, Parquet and Feather files come in"));
    }
    let tried: Vec<u8> = delimiter.map_or_else(|| DELIMITERS.to_vec(), |one| vec![one]);
    // The one that gives most lines the same number of cells; a bar has five at least.
    let score = |rows: &Vec<Vec<String>>| {
        let width = width(rows);
        let alike = rows.iter().filter(|row| row.len() == width).count();
        (width >= 5, alike * 100 / rows.len().max(1))
    };
    // Where two are as good, the first.
    let looks = tried.into_iter().rev().map(|delimiter| (delimiter, records(&start, delimiter)));
    let best = looks.max_by_key(|(_, rows)| score(rows)).filter(|(_, rows)| !rows.is_empty());
    let Some((delimiter, mut rows)) = best else {
        return Err(here("the file is empty").hint(HEADER));
    };
    let width = width(&rows);
    if width > COLUMNS {
        return Err(here(&format!("there are {width} columns: at most {COLUMNS} are read"))
            .hint("is it the right delimiter? say it with --delimiter; or cut the file down to the columns of bars"));
    }
    if width < 2 {
        return Err(here("each line is one cell: neither `,`, `;`, `|`, tabs nor spaces divide it")
            .hint("say what does: --delimiter CHARACTER; a bar has a date, open, high, low, close and volume"));
    }
    let first = rows.iter().take(PREAMBLE).position(|row| row.len() == width).unwrap_or(0);
    let has_header = header.unwrap_or_else(|| !is_row(&rows[first]));
    let names: Vec<String> = match has_header {
        true => rows[first].clone(),
        false => (1..=width).map(|number| number.to_string()).collect(),
    };
    let mut above = first + usize::from(has_header);
    // yfinance names the ticker and the index in lines of their own.
    let continues =
        |row: &Vec<String>| matches!(plain(&row[0]).as_str(), "ticker" | "date" | "datetime") && !is_row(row);
    let mut names = names;
    while has_header && rows.get(above).is_some_and(|row| !row.is_empty() && continues(row)) {
        names[0].clone_from(&rows[above][0]);
        above += 1;
    }
    rows.drain(..above.min(rows.len()));
    if rows.is_empty() {
        return Err(here("the file has a header and no rows"));
    }
    Ok(Text { delimiter, names, has_header, above, sample: rows })
}

const HEADER: &str =
    "the first line names the columns, as in Date,Open,High,Low,Close,Volume; each further line is a bar";

/// The most frequent number of cells.
fn width(rows: &[Vec<String>]) -> usize {
    let count = |width: usize| rows.iter().filter(|row| row.len() == width).count();
    rows.iter().take(100).map(Vec::len).max_by_key(|width| (count(*width), *width)).unwrap_or(0)
}

/// Whether there are figures in it: a header has none.
fn is_row(row: &[String]) -> bool {
    let is_number = |cell: &&String| [Decimal::Point, Decimal::Comma].iter().any(|of| of.parse(cell.trim()).is_some());
    row.iter().filter(is_number).count() >= 2
}

/// The first bytes of a file, up to the end of a line.
fn beginning(source: &Source) -> Result<Vec<u8>> {
    let (text, _) = source.text()?;
    let (lines, _) = Lines::new(text);
    let mut start = Vec::new();
    lines.take(SAMPLE as u64).read_to_end(&mut start).map_err(|error| source.broken(&error))?;
    if start.len() == SAMPLE {
        let whole = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
        start.truncate(whole);
    }
    Ok(start)
}

fn reader<R: Read>(text: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(text)
}

fn records(start: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = reader(start, delimiter);
    let mut record = ByteRecord::new();
    let mut rows = Vec::new();
    while rows.len() < SAMPLE_ROWS && reader.read_byte_record(&mut record).unwrap_or(false) {
        let cells = cells(&record, delimiter).map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
        rows.push(cells.collect());
    }
    rows
}

/// The cells of a record; spaces may stand side by side.
fn cells(record: &ByteRecord, delimiter: u8) -> impl Iterator<Item = &[u8]> {
    record.iter().filter(move |cell| delimiter != b' ' || !cell.is_empty())
}

impl Text {
    /// What the columns hold, and what stands in their numbers between the whole and the fraction.
    ///
    /// # Errors
    /// Where a number may mean two things.
    pub fn seen(&self, source: &Source, decimal: Option<Decimal>) -> Result<(Vec<Seen>, Decimal)> {
        let column = |place: usize| {
            self.sample.iter().filter_map(move |row| row.get(place)).map(String::as_str).filter(|cell| !cell.is_empty())
        };
        let seen: Vec<Seen> = self
            .names
            .iter()
            .enumerate()
            .map(|(place, name)| {
                let cells: Vec<&str> = column(place).collect();
                Seen { name: name.clone(), kind: kind(&plain(name), &cells) }
            })
            .collect();
        if let Some(decimal) = decimal {
            return Ok((seen, decimal));
        }
        let numbers = seen.iter().enumerate().filter(|(_, column)| column.kind == Kind::Number);
        let cells = numbers.flat_map(|(place, _)| column(place));
        match Decimal::guess(cells) {
            Ok(decimal) => Ok((seen, decimal)),
            Err(cell) => {
                let or = [Decimal::Point, Decimal::Comma].map(|of| of.parse(cell).unwrap_or(f64::NAN));
                Err(Diagnostic::new(format!("`{cell}` may be {} or {}, and no other number tells", or[0], or[1]))
                    .hint(
                        "--decimal-point says that a comma parts thousands, --decimal-comma that it begins a fraction",
                    )
                    .at(Origin::file(source.name())))
            }
        }
    }

    /// The cells of dates in the sample, with the times beside them.
    pub fn dates(&self, timestamp: usize, time: Option<usize>) -> Vec<String> {
        let cell = |row: &Vec<String>, place: usize| row.get(place).cloned().unwrap_or_default();
        let whole = |row: &Vec<String>| match time {
            Some(time) => format!("{} {}", cell(row, timestamp), cell(row, time)),
            None => cell(row, timestamp),
        };
        self.sample.iter().map(whole).filter(|cell| !cell.is_empty()).collect()
    }
}

/// What most cells of a column are.
pub(super) fn kind(name: &str, cells: &[&str]) -> Kind {
    let most = |is: &dyn Fn(&str) -> bool| cells.iter().filter(|cell| is(cell)).count() * 2 > cells.len();
    if cells.is_empty() {
        return Kind::Empty;
    }
    if most(&|cell| is_time_of_day(cell) && (cell.contains(':') || name == "time")) {
        return Kind::Time;
    }
    if [Decimal::Point, Decimal::Comma].iter().any(|of| most(&|cell| of.parse(cell).is_some())) {
        return Kind::Number;
    }
    if DateFormat::fitting(cells).is_empty() { Kind::Text } else { Kind::Date }
}

/// The rows of a text file.
pub(super) struct TextRows<'a> {
    source: &'a Source,
    layout: &'a Layout,
    width: usize,
    delimiter: u8,
    reader: Reader<Lines<Box<dyn Read>>>,
    limit: Limit,
    count: Count,
    record: ByteRecord,
    /// The line of the last record.
    line: usize,
}

impl<'a> TextRows<'a> {
    /// The rows from the first on.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn open(source: &'a Source, text: &Text, layout: &'a Layout) -> Result<Self> {
        let (bytes, count) = source.text()?;
        let (lines, limit) = Lines::new(bytes);
        let reader = reader(lines, text.delimiter);
        let (width, delimiter) = (text.names.len(), text.delimiter);
        let mut rows =
            Self { source, layout, width, delimiter, reader, limit, count, record: ByteRecord::new(), line: 0 };
        for _ in 0..text.above {
            rows.advance()?;
        }
        Ok(rows)
    }

    /// Reads a record; the number of its line, or none at the end.
    fn advance(&mut self) -> Result<Option<usize>> {
        let read = self.reader.read_byte_record(&mut self.record);
        let position = self.reader.position();
        self.limit.set(position.byte() + LONGEST);
        let line = (position.line() as usize).saturating_sub(1);
        match read {
            Ok(true) => {
                self.line = line;
                Ok(Some(line))
            }
            Ok(false) => Ok(None),
            Err(error) => Err(match error.into_kind() {
                csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    Diagnostic::new(error.to_string())
                        .hint("is a quote never closed, or is this no file of lines?")
                        .at(Origin::line(self.source.name(), self.line + 1))
                }
                csv::ErrorKind::Io(error) => self.source.broken(&error),
                _ => Diagnostic::new("the line cannot be read").at(Origin::line(self.source.name(), self.line + 1)),
            }),
        }
    }

    /// The next cell of dates, with the time beside it; none at the end.
    ///
    /// # Errors
    /// Where the file cannot be read on.
    pub fn next_date(&mut self) -> Result<Option<String>> {
        if self.advance()?.is_none() {
            return Ok(None);
        }
        let cells: Vec<&[u8]> = cells(&self.record, self.delimiter).collect();
        let text =
            |place: usize| String::from_utf8_lossy(cells.get(place).copied().unwrap_or_default()).trim().to_owned();
        let date = text(self.layout.timestamp);
        Ok(Some(self.layout.time.map_or(date.clone(), |time| format!("{date} {}", text(time)))))
    }

    fn parse(&self, row: &mut RawRow) -> Result<(), Problem> {
        let record = &self.record;
        if self.delimiter == b' ' {
            let spaced: Vec<&[u8]> = cells(record, self.delimiter).collect();
            return self.fill(row, spaced.len(), &|place| spaced.get(place).copied());
        }
        let mut found = record.len();
        // Some programs end every line with a delimiter.
        while found > self.width && record.get(found - 1).is_some_and(<[u8]>::is_empty) {
            found -= 1;
        }
        self.fill(row, found, &|place| record.get(place))
    }

    fn fill<'b>(
        &self,
        row: &mut RawRow,
        found: usize,
        cell: &dyn Fn(usize) -> Option<&'b [u8]>,
    ) -> Result<(), Problem> {
        if found != self.width {
            return Err(Problem::Width { expected: self.width, found });
        }
        let layout = self.layout;
        let text = |place: usize| {
            let bytes = cell(place).unwrap_or_default();
            std::str::from_utf8(bytes).map_err(|_| String::from_utf8_lossy(bytes).into_owned())
        };
        let date = |place: usize| text(place).map_err(|text| Problem::NotADate { text });
        row.symbol.clear();
        if let Some(place) = layout.symbol {
            row.symbol.push_str(text(place).map_err(|text| Problem::NotASymbol { text })?.trim());
        }
        row.moment = layout.moment(date(layout.timestamp)?, layout.time.map(date).transpose()?)?;
        row.values.clear();
        for (name, place) in &layout.values {
            let value = match place {
                Some(place) => {
                    let not_text = |text| Problem::NotANumber { column: name.clone(), text };
                    layout.value(name, text(*place).map_err(not_text)?)?
                }
                None => 0.0,
            };
            row.values.push(value);
        }
        Ok(())
    }
}

impl Rows for TextRows<'_> {
    fn next(&mut self, row: &mut RawRow) -> Result<Step> {
        loop {
            let Some(line) = self.advance()? else { return Ok(Step::End) };
            row.number = line;
            // Workbooks leave rows behind in which nothing stands but delimiters.
            if !self.record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                break;
            }
        }
        Ok(self.parse(row).map_or_else(Step::Wrong, |()| Step::Row))
    }

    fn bytes(&self) -> u64 {
        self.count.get()
    }
}

//! Bars from a CSV file, row by row, with everything that is wrong in it.

use std::fs;
use std::mem;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use crate::data::files::{column_name, require_columns, unusable};
use crate::data::quality::{Checker, Problem, Row};
use crate::data::{Bars, Fault, Field};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// What a CSV file holds: the rows that are right, and what is wrong with the others.
pub(super) struct Table {
    pub bars: Bars,
    /// One for each row that is not among the bars.
    pub faults: Vec<Fault>,
    /// Closes further from the one before than is plausible; their rows are among the bars.
    pub jumps: Vec<Fault>,
    /// The rows are in order, but from the newest to the oldest.
    pub newest_first: bool,
}

/// Reads a CSV with a header. `allowed_jump` is a proportion: 0.5 for 50 %.
///
/// # Errors
/// Where the file cannot be read, has no rows, or lacks a column.
pub(super) fn read(path: &Path, timeframe: Timeframe, calendar: Calendar, allowed_jump: f64) -> Result<Table> {
    let here = || Origin::file(path.display().to_string());
    let at_line = |line: usize| Origin::line(path.display().to_string(), line);
    let bytes = fs::read(path).map_err(|error| unusable(path, "cannot be read", &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Diagnostic::new("the line is not in UTF-8").hint("save the file as UTF-8").at(at_line(line))
    })?;
    let broken = |error: csv::Error| {
        let line = error.position().map_or(0, |position| position.line() as usize);
        Diagnostic::new(format!("this is no CSV file that can be read: {error}")).at(at_line(line))
    };
    let bytes = text.as_bytes();
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(broken)?;
    if header.is_empty() {
        return Err(Diagnostic::new("the file is empty").hint(HEADER).at(here()));
    }
    if header.iter().any(|name| name.parse::<f64>().is_ok()) {
        let message = "the first line has figures where the names of the columns should be";
        return Err(Diagnostic::new(message).hint(HEADER).at(at_line(1)));
    }
    let names: Vec<String> = header.iter().map(column_name).collect();
    require_columns(&names).map_err(|error| error.hint(HEADER).at(at_line(1)))?;

    let mut rows = Rows::new(names, timeframe, calendar);
    let mut record = StringRecord::new();
    let (mut line, mut counted) = (1, 0);
    while reader.read_record(&mut record).map_err(broken)? {
        // The reader's own count is one behind after `\r\n` and empty lines: a record's position is where the
        // one before it ended.
        let ended = record.position().map_or(0, |position| position.byte() as usize);
        let between = bytes[ended..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += bytes[counted..ended + between].iter().filter(|byte| **byte == b'\n').count();
        counted = ended + between;
        rows.push(line, &record, allowed_jump);
    }
    if rows.read == 0 {
        return Err(Diagnostic::new("the file has a header and no rows").at(here()));
    }
    rows.into_table()
}

const HEADER: &str = "the first line names the columns: Date,Open,High,Low,Close,Volume (and others, as Adj Close)";

/// The rows so far.
struct Rows {
    names: Vec<String>,
    timeframe: Timeframe,
    calendar: Calendar,
    checker: Checker,
    /// One for each name; that of the timestamps stays empty.
    columns: Vec<Vec<f64>>,
    timestamps: Vec<i64>,
    faults: Vec<Fault>,
    jumps: Vec<Fault>,
    read: usize,
    above: Option<Timestamp>,
    ascents: usize,
    descents: usize,
}

impl Rows {
    fn new(names: Vec<String>, timeframe: Timeframe, calendar: Calendar) -> Self {
        Self {
            columns: vec![Vec::new(); names.len()],
            names,
            timeframe,
            checker: Checker::new(calendar.clone(), timeframe),
            calendar,
            timestamps: Vec::new(),
            faults: Vec::new(),
            jumps: Vec::new(),
            read: 0,
            above: None,
            ascents: 0,
            descents: 0,
        }
    }

    fn push(&mut self, line: usize, record: &StringRecord, allowed_jump: f64) {
        self.read += 1;
        match self.parse(line, record).and_then(|(row, values)| self.checker.check(&row).map(|()| (row, values))) {
            Ok((row, values)) => {
                if let Some(problem) = self.checker.jump(&row, allowed_jump) {
                    self.jumps.push(Fault { row: line, problem });
                }
                self.timestamps.push(row.timestamp.0);
                self.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
            Err(problem) => self.faults.push(Fault { row: line, problem }),
        }
    }

    /// A row's values in the order of the columns (0 for the timestamp), and the row to check.
    fn parse(&mut self, line: usize, record: &StringRecord) -> Result<(Row, Vec<f64>), Problem> {
        if record.len() != self.names.len() {
            return Err(Problem::Width { expected: self.names.len(), found: record.len() });
        }
        let mut row = Row { number: line, timestamp: Timestamp(0), values: [0.0; 5], adjusted_close: None };
        let mut values = Vec::with_capacity(record.len());
        for (name, text) in self.names.iter().zip(record) {
            let text = text.trim();
            let mut value = 0.0;
            if name == "timestamp" {
                row.timestamp = self.opening_instant(text)?;
                match self.above.replace(row.timestamp) {
                    Some(above) if above < row.timestamp => self.ascents += 1,
                    Some(above) if above > row.timestamp => self.descents += 1,
                    _ => (),
                }
            } else {
                let field = Field::ALL.iter().find(|field| field.name() == name);
                let known = field.is_some() || name == "adj_close";
                value = match text.parse() {
                    Ok(value) => value,
                    // A column of which we know nothing may have gaps.
                    Err(_) if text.is_empty() && !known => f64::NAN,
                    Err(_) => return Err(Problem::NotANumber { column: name.clone(), text: text.into() }),
                };
                if let Some(field) = field {
                    row.values[*field as usize] = value;
                } else if known {
                    row.adjusted_close = Some(value);
                }
            }
            values.push(value);
        }
        Ok((row, values))
    }

    /// A bare date in a calendar of sessions stands for the opening of that date's session.
    fn opening_instant(&self, text: &str) -> Result<Timestamp, Problem> {
        let instant: Timestamp = text.parse().map_err(|_| Problem::NotADate { text: text.into() })?;
        let bare_date = text.len() <= 10 && text.contains('-');
        Ok(match self.calendar {
            Calendar::Session(_) if bare_date => self.calendar.period_start(Timeframe::DAY, instant),
            _ => instant,
        })
    }

    fn into_table(self) -> Result<Table> {
        let mut columns: Vec<(String, Vec<f64>)> = self.names.into_iter().zip(self.columns).collect();
        let mut take = |field: Field| {
            let found = columns.iter_mut().find(|(name, _)| name == field.name());
            found.map(|(_, column)| mem::take(column)).unwrap_or_default()
        };
        let fields = Field::ALL.map(&mut take);
        let bars = Bars::new(self.timeframe, &self.calendar, self.timestamps, fields)?;
        let own = |name: &str| name == "timestamp" || Field::ALL.iter().any(|field| field.name() == name);
        columns.retain(|(name, _)| !own(name));
        let bars = columns.into_iter().try_fold(bars, |bars, (name, column)| bars.with_column(name, column))?;
        let newest_first = self.descents > 1 && self.ascents == 0;
        Ok(Table { bars, faults: self.faults, jumps: self.jumps, newest_first })
    }
}

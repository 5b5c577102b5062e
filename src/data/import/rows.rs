//! Rows as they are read from a file, before anybody has looked at their order.

use crate::data::import::dates::{DateFormat, Moment};
use crate::data::import::{columns::Use, numbers::Decimal};
use crate::data::quality::Problem;
use crate::data::{Field, import::columns};
use crate::error::Result;

/// A row, whose buffers are used again for the next.
#[derive(Clone, Debug)]
pub(super) struct RawRow {
    /// The line of a text file, or the row of a Parquet file; both from 1.
    pub number: usize,
    /// What it is a bar of, where the file says so; empty elsewhere.
    pub symbol: String,
    pub moment: Moment,
    /// The five, then the columns beside them.
    pub values: Vec<f64>,
}

impl RawRow {
    pub fn new() -> Self {
        Self { number: 0, symbol: String::new(), moment: Moment::Local(0), values: Vec::new() }
    }
}

/// What came of reading a row.
pub(super) enum Step {
    Row,
    Wrong(Problem),
    End,
}

/// Rows one after the other.
pub(super) trait Rows {
    /// Reads the next row into the buffers.
    ///
    /// # Errors
    /// Where the file cannot be read on.
    fn next(&mut self, row: &mut RawRow) -> Result<Step>;

    /// How many bytes of the file have been read.
    fn bytes(&self) -> u64;
}

/// Which columns of a file make a row, and how their cells are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub uses: Vec<Use>,
    pub dates: DateFormat,
    pub decimal: Decimal,
    /// The column names UTC: what its clock showed is an instant.
    pub utc: bool,
    /// Where the five and the columns beside them stand; a volume that there is not is none.
    pub values: Vec<(String, Option<usize>)>,
    pub timestamp: usize,
    pub time: Option<usize>,
    pub symbol: Option<usize>,
}

impl Layout {
    /// The layout of a file whose columns were found to be complete.
    pub fn new(uses: Vec<Use>, header: &[String], dates: DateFormat, decimal: Decimal) -> Self {
        let place = |wanted: &Use| uses.iter().position(|of| of == wanted);
        let own = Field::ALL.map(|field| (field.name().to_owned(), place(&Use::Field(field))));
        let beside = uses.iter().enumerate().filter_map(|(place, of)| match of {
            Use::Extra(name) => Some((name.clone(), Some(place))),
            _ => None,
        });
        let values = own.into_iter().chain(beside).collect();
        let timestamp = place(&Use::Timestamp).unwrap_or_default();
        let named = header.get(timestamp).map(|name| columns::plain(name)).unwrap_or_default();
        let utc = named.split('_').any(|word| word == "utc" || word == "gmt");
        let (time, symbol) = (place(&Use::Time), place(&Use::Symbol));
        Self { uses, dates, decimal, utc, values, timestamp, time, symbol }
    }

    /// The names of the columns beside the five.
    pub fn extra(&self) -> Vec<String> {
        self.values[Field::ALL.len()..].iter().map(|(name, _)| name.clone()).collect()
    }

    /// What a cell of dates says, with the time of another cell where there is one.
    pub fn moment(&self, date: &str, time: Option<&str>) -> Result<Moment, Problem> {
        let (date, time) = (date.trim(), time.map(str::trim));
        let joined = time.map(|time| format!("{date} {time}"));
        let text = joined.as_deref().unwrap_or(date);
        let moment = self.dates.parse(text).ok_or_else(|| Problem::NotADate { text: text.into() })?;
        Ok(self.settled(moment))
    }

    /// A clock that hung in UTC shows instants.
    pub fn settled(&self, moment: Moment) -> Moment {
        match moment {
            Moment::Local(local) if self.utc => Moment::Instant { utc: local, local },
            moment => moment,
        }
    }

    /// What a cell of one of the values holds.
    pub fn value(&self, name: &str, text: &str) -> Result<f64, Problem> {
        let text = text.trim();
        match self.decimal.parse(text) {
            Some(value) => Ok(value),
            // A column of which we know nothing may have gaps.
            None if text.is_empty() && !is_known(name) => Ok(f64::NAN),
            None => Err(Problem::NotANumber { column: name.into(), text: text.chars().take(40).collect() }),
        }
    }
}

/// Whether a column is one that a bar cannot do without a value in.
pub(super) fn is_known(name: &str) -> bool {
    name == "adj_close" || Field::ALL.iter().any(|field| field.name() == name)
}

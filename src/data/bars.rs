//! Bars: the columns of one instrument at one timeframe.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use arrow_buffer::ScalarBuffer;

use crate::data::{Column, long_vector};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// What is traded: `us_equities/AAPL`, a dataset and a symbol.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instrument {
    /// The folder below `datasets/`.
    pub dataset: String,
    /// The folder below that.
    pub symbol: String,
}

/// Whether a text is a dataset's name or a symbol.
pub(in crate::data) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && text.chars().all(is_of_name)
}

/// Whether a character may stand in a dataset's name or a symbol.
pub(in crate::data) fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '^' | '=')
}

impl FromStr for Instrument {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('/') {
            Some((dataset, symbol)) if is_name(dataset) && is_name(symbol) => {
                Ok(Self { dataset: dataset.into(), symbol: symbol.into() })
            }
            _ => Err(Diagnostic::new(format!("`{text}` names no instrument"))
                .hint("write the dataset and the symbol: \"us_equities/AAPL\"")),
        }
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.dataset, self.symbol)
    }
}

/// A column that every bar has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Units traded.
    Volume,
}

impl Field {
    /// All of them, in the order of a row.
    pub const ALL: [Field; 5] = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];

    /// Its name in files and scripts.
    pub fn name(self) -> &'static str {
        ["open", "high", "low", "close", "volume"][self as usize]
    }
}

/// The bars of one instrument at one timeframe, in order of time.
///
/// All columns have the same length. `timestamp` strictly increases; `close_instant` never decreases.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    timeframe: Timeframe,
    calendar: Calendar,
    timestamp: ScalarBuffer<i64>,
    close_instant: ScalarBuffer<i64>,
    fields: [Column; 5],
    extra: Vec<(String, Column)>,
    last_complete: bool,
}

impl Bars {
    /// Bars from their opening instants (µs, UTC) and their columns in the order of [`Field::ALL`].
    ///
    /// # Errors
    /// Where a column's length differs or the timestamps do not strictly increase.
    pub fn new(timeframe: Timeframe, calendar: &Calendar, timestamp: Vec<i64>, fields: [Vec<f64>; 5]) -> Result<Self> {
        Self::from_columns(timeframe, calendar, timestamp.into(), fields.map(Column::from))
    }

    /// [`Bars::new`] from columns that are shared, without a copy.
    ///
    /// # Errors
    /// As [`Bars::new`].
    pub fn from_columns(
        timeframe: Timeframe,
        calendar: &Calendar,
        timestamp: ScalarBuffer<i64>,
        fields: [Column; 5],
    ) -> Result<Self> {
        let mut close_instants = long_vector(timestamp.len());
        calendar.close_instants_into(&mut close_instants, timeframe, &timestamp);
        Self::closing_at(timeframe, calendar, timestamp, close_instants.into(), fields)
    }

    /// [`Bars::from_columns`] with the instants at which they are complete, which must not decrease.
    pub(in crate::data) fn closing_at(
        timeframe: Timeframe,
        calendar: &Calendar,
        timestamp: ScalarBuffer<i64>,
        close_instant: ScalarBuffer<i64>,
        fields: [Column; 5],
    ) -> Result<Self> {
        for (field, column) in Field::ALL.iter().zip(&fields) {
            if column.len() != timestamp.len() {
                let message = format!("{} has {} values for {} bars", field.name(), column.len(), timestamp.len());
                return Err(Diagnostic::new(message));
            }
        }
        if let Some(row) = timestamp.windows(2).position(|pair| pair[0] >= pair[1]) {
            let (a, b) = (Timestamp(timestamp[row]), Timestamp(timestamp[row + 1]));
            let message = format!("bar {} ({b}) does not come after the bar before it ({a})", row + 1);
            return Err(Diagnostic::new(message).hint("sort the bars by time and drop the duplicates"));
        }
        Ok(Self {
            timeframe,
            calendar: calendar.clone(),
            timestamp,
            close_instant,
            fields,
            extra: Vec::new(),
            last_complete: true,
        })
    }

    /// Puts off close instants to those given, where a bar holds what was known only later.
    pub(in crate::data) fn closed_not_before(mut self, instants: &[i64]) -> Self {
        self.close_instant = self.close_instant.iter().zip(instants).map(|(&own, &given)| own.max(given)).collect();
        self
    }

    /// The same bars with other values in the five columns, each as long as before.
    pub fn with_fields(mut self, change: impl Fn(Field, &Column) -> Column) -> Self {
        self.fields = Field::ALL.map(|field| change(field, self.field(field)));
        self
    }

    /// Adds a column beside the five (`adj_close`, …), replacing one of the same name.
    ///
    /// # Errors
    /// Where its length is not that of the bars.
    pub fn with_column(mut self, name: impl Into<String>, values: impl Into<Column>) -> Result<Self> {
        let (name, values) = (name.into(), values.into());
        if values.len() != self.len() {
            return Err(Diagnostic::new(format!("{name} has {} values for {} bars", values.len(), self.len())));
        }
        self.extra.retain(|(other, _)| *other != name);
        self.extra.push((name, values));
        Ok(self)
    }

    /// The same bars without a column beside the five.
    #[must_use]
    pub(in crate::data) fn without_column(mut self, name: &str) -> Self {
        self.extra.retain(|(other, _)| other != name);
        self
    }

    /// Marks the last bar as one whose period had not ended when the data did.
    #[must_use]
    pub fn with_last_complete(mut self, complete: bool) -> Self {
        self.last_complete = complete;
        self
    }

    /// Some of the bars, without a copy; past the end there are none.
    #[must_use]
    pub fn slice(&self, bars: Range<usize>) -> Self {
        let end = bars.end.min(self.len());
        let start = bars.start.min(end);
        let cut = |column: &Column| column.slice(start, end - start);
        Self {
            timeframe: self.timeframe,
            calendar: self.calendar.clone(),
            timestamp: self.timestamp.slice(start, end - start),
            close_instant: self.close_instant.slice(start, end - start),
            fields: Field::ALL.map(|field| cut(self.field(field))),
            extra: self.extra.iter().map(|(name, column)| (name.clone(), cut(column))).collect(),
            last_complete: self.last_complete || end < self.len(),
        }
    }

    /// These bars, then later ones, with the columns that both have.
    ///
    /// # Errors
    /// Where the timeframes differ, or the later ones do not come after these.
    pub fn followed_by(&self, later: &Self) -> Result<Self> {
        if self.timeframe != later.timeframe {
            let message = format!("bars at {} cannot follow bars at {}", later.timeframe, self.timeframe);
            return Err(Diagnostic::new(message));
        }
        let join = |a: &Column, b: &Column| Column::from([&a[..], &b[..]].concat());
        let timestamp = [&self.timestamp[..], &later.timestamp[..]].concat().into();
        let fields = Field::ALL.map(|field| join(self.field(field), later.field(field)));
        let closes = [&self.close_instant[..], &later.close_instant[..]].concat();
        let bars = Self::from_columns(self.timeframe, &self.calendar, timestamp, fields)?.closed_not_before(&closes);
        let both = self.extra.iter().filter_map(|(name, column)| Some((name, join(column, later.column(name)?))));
        let bars = both.into_iter().try_fold(bars, |bars, (name, column)| bars.with_column(name, column))?;
        Ok(bars.with_last_complete(later.last_complete))
    }

    /// The interval of each bar.
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// When their instrument trades.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// How many bars.
    pub fn len(&self) -> usize {
        self.timestamp.len()
    }

    /// No bars at all.
    pub fn is_empty(&self) -> bool {
        self.timestamp.is_empty()
    }

    /// Opening instants, µs UTC.
    pub fn timestamps(&self) -> &ScalarBuffer<i64> {
        &self.timestamp
    }

    /// When each bar is complete, µs UTC: its values may be known from then on.
    pub fn close_instants(&self) -> &ScalarBuffer<i64> {
        &self.close_instant
    }

    /// The opening instant of one bar.
    pub fn timestamp(&self, bar: usize) -> Timestamp {
        Timestamp(self.timestamp[bar])
    }

    /// One of the five columns.
    pub fn field(&self, field: Field) -> &Column {
        &self.fields[field as usize]
    }

    /// A column by name: one of the five or an extra one.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let field = Field::ALL.iter().find(|field| field.name() == name);
        field.map(|field| self.field(*field)).or_else(|| self.extra.iter().find(|(n, _)| n == name).map(|(_, c)| c))
    }

    /// The columns beside the five.
    pub fn extra(&self) -> &[(String, Column)] {
        &self.extra
    }

    /// Whether the last bar's period had ended when the data did.
    pub fn last_complete(&self) -> bool {
        self.last_complete
    }
}

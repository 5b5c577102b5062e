//! Rows: what a step has a value for each of, bars or what was known of an external series.

use std::sync::Arc;

use arrow_buffer::ScalarBuffer;

use crate::data::{Bars, Column, External, Field};
use crate::error::{Diagnostic, Result};
use crate::time::{ClockFigure, Timestamp};

/// The rows that a step goes by.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// Bars, of the traded instrument or of another one.
    Bars(&'a Bars),
    /// What was known of an external series.
    External(&'a External),
}

impl<'a> Rows<'a> {
    /// How many.
    pub fn len(self) -> usize {
        match self {
            Rows::Bars(bars) => bars.len(),
            Rows::External(external) => external.len(),
        }
    }

    /// None at all.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// From when on each may be known, µs UTC; never decreasing.
    pub fn close_instants(self) -> &'a ScalarBuffer<i64> {
        match self {
            Rows::Bars(bars) => bars.close_instants(),
            Rows::External(external) => external.known_at(),
        }
    }

    /// When each bar opens, or what each row is about, µs UTC.
    pub fn timestamps(self) -> &'a ScalarBuffer<i64> {
        match self {
            Rows::Bars(bars) => bars.timestamps(),
            Rows::External(external) => external.timestamps(),
        }
    }

    /// Until when each counts, µs UTC, where that ends.
    pub fn fresh_until(self) -> Option<&'a ScalarBuffer<i64>> {
        match self {
            Rows::Bars(_) => None,
            Rows::External(external) => external.fresh_until(),
        }
    }

    /// The rows at which their history is told anew: what remembers rows starts afresh there.
    pub fn restarts(self) -> &'a [usize] {
        match self {
            Rows::Bars(_) => &[],
            Rows::External(external) => external.restarts(),
        }
    }

    /// A column of the file or, where bars have none of the name, a figure of the calendar and the clock.
    ///
    /// # Errors
    /// Where there is neither.
    pub fn column(self, name: &str) -> Result<Column> {
        match self {
            Rows::Bars(bars) => column(bars, name),
            Rows::External(external) if external.is_empty() => Ok(Column::from(Vec::new())),
            Rows::External(external) => external.column(name).cloned().ok_or_else(|| no_column(external, name)),
        }
    }

    /// The value of a column in one row.
    ///
    /// # Errors
    /// As [`Rows::column`].
    pub(super) fn value(self, name: &str, index: usize) -> Result<f64> {
        let column = match self {
            Rows::Bars(bars) => bars.column(name),
            Rows::External(external) => external.column(name),
        };
        let value = column.and_then(|column| column.get(index)).copied();
        let figure = match (self, ClockFigure::called(name)) {
            (Rows::Bars(bars), Some(figure)) => {
                Some(figure.at(bars.calendar(), bars.timeframe(), bars.timestamp(index)))
            }
            _ => None,
        };
        value.or(figure).map_or_else(|| self.column(name).map(|_| f64::NAN), Ok)
    }
}

impl<'a> From<&'a Bars> for Rows<'a> {
    fn from(bars: &'a Bars) -> Self {
        Rows::Bars(bars)
    }
}

impl<'a> From<&'a Arc<Bars>> for Rows<'a> {
    fn from(bars: &'a Arc<Bars>) -> Self {
        Rows::Bars(bars)
    }
}

impl<'a> From<&'a External> for Rows<'a> {
    fn from(external: &'a External) -> Self {
        Rows::External(external)
    }
}

fn column(bars: &Bars, name: &str) -> Result<Column> {
    if let Some(column) = bars.column(name) {
        return Ok(column.clone());
    }
    if let Some(figure) = ClockFigure::called(name) {
        let at = |open: &i64| figure.at(bars.calendar(), bars.timeframe(), Timestamp(*open));
        return Ok(bars.timestamps().iter().map(at).collect());
    }
    let fields = Field::ALL.map(Field::name);
    let extra = bars.extra().iter().map(|(name, _)| name.as_str());
    let clock = ClockFigure::ALL.map(ClockFigure::name);
    Err(Diagnostic::new(format!("the bars at {} have no column `{name}`", bars.timeframe()))
        .did_you_mean(name, fields.into_iter().chain(extra).chain(clock)))
}

fn no_column(external: &External, name: &str) -> Diagnostic {
    let words = format!("{name}_");
    let of_words: Vec<&str> = external.names().filter(|other| other.starts_with(&words)).collect();
    let diagnostic = Diagnostic::new(format!("the external series has no column `{name}`"));
    match (of_words.first(), name) {
        (Some(first), _) => diagnostic
            .hint(format!("`{name}` has words, and each is a column of 1 and 0: .{first} == 1"))
            .also(format!("there are {}", of_words.join(", "))),
        (None, "value") => {
            let names: Vec<&str> = external.names().collect();
            let first = names.first().copied().unwrap_or_default();
            diagnostic.hint(format!("name one of its columns: .{first}")).also(format!("it has {}", names.join(", ")))
        }
        _ => diagnostic.did_you_mean(name, external.names()),
    }
}

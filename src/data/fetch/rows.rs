//! Rows of answers as they come, checked, until they are stored.

use std::mem;

use crate::data::fetch::Row;
use crate::data::quality::{Checker, Row as Checked, check_pace};
use crate::data::{Bars, Fault};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe};

/// Rows that are not stored yet.
pub(super) struct Rows {
    timeframe: Timeframe,
    checker: Checker,
    lenient: bool,
    seen: usize,
    names: Vec<&'static str>,
    timestamps: Vec<i64>,
    fields: [Vec<f64>; 5],
    others: Vec<Vec<f64>>,
    /// Wrong rows that were left out.
    pub dropped: Vec<Fault>,
}

impl Rows {
    pub fn new(calendar: Calendar, timeframe: Timeframe, names: Vec<&'static str>, lenient: bool) -> Self {
        Self {
            timeframe,
            checker: Checker::new(calendar, timeframe),
            lenient,
            seen: 0,
            others: names.iter().map(|_| Vec::new()).collect(),
            names,
            timestamps: Vec::new(),
            fields: Default::default(),
            dropped: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Adds a row of an answer.
    ///
    /// # Errors
    /// Where it is wrong, and wrong rows are not left out.
    pub fn push(&mut self, row: &Row, url: &str) -> Result<()> {
        self.seen += 1;
        let adjusted = self.names.iter().position(|name| *name == "adj_close");
        let adjusted_close = adjusted.and_then(|place| row.others.get(place)).copied();
        let checked = Checked { number: self.seen, timestamp: row.open, values: row.values, adjusted_close };
        if let Err(problem) = self.checker.check(&checked) {
            let fault = Fault { row: self.seen, problem };
            if !self.lenient {
                return Err(Diagnostic::new(format!("the bar of {} is wrong: {fault}", row.open))
                    .hint("--lenient leaves wrong bars out and counts them")
                    .at(Origin::file(url)));
            }
            self.dropped.push(fault);
            return Ok(());
        }
        self.timestamps.push(row.open.0);
        self.fields.iter_mut().zip(row.values).for_each(|(column, value)| column.push(value));
        for (place, column) in self.others.iter_mut().enumerate() {
            column.push(row.others.get(place).copied().unwrap_or(f64::NAN));
        }
        Ok(())
    }

    /// The rows as bars; none are left.
    ///
    /// # Errors
    /// Where they do not come at the pace of their timeframe: some sources answer with another than was asked for.
    pub fn take(&mut self, calendar: &Calendar) -> Result<Bars> {
        check_pace(self.timeframe, &self.timestamps).map_err(|error| {
            Diagnostic::new(error.message())
                .hint("the source answers with other bars than were asked for: ask for those, or for a shorter time")
        })?;
        let fields = mem::take(&mut self.fields);
        let bars = Bars::new(self.timeframe, calendar, mem::take(&mut self.timestamps), fields)?;
        let mut columns = self.names.iter().zip(&mut self.others);
        columns.try_fold(bars, |bars, (name, column)| bars.with_column(*name, mem::take(column)))
    }
}

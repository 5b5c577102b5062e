//! Releases as they stand in a file, in any order, and what is wrong with them.

use std::collections::HashSet;

use crate::data::quality::{Problem, TIME};
use crate::data::{Column, Fault};
use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

/// Rows of releases: what each is about, from when on it could be known (both µs, UTC), and its figures.
pub(super) struct Rows {
    pub timestamp: Vec<i64>,
    pub available_at: Vec<i64>,
    pub columns: Vec<(String, Column)>,
}

impl Rows {
    /// Says what is wrong with the columns as a whole.
    ///
    /// # Errors
    /// Where there is none of figures, or one has a name that cannot be or another length.
    pub fn check_columns(&self) -> Result<()> {
        if self.columns.is_empty() {
            return Err(Diagnostic::new("there is no column of figures beside `timestamp` and `available_at`"));
        }
        let mut seen = HashSet::from(["timestamp", "available_at"]);
        if let Some((name, _)) = self.columns.iter().find(|(name, _)| name.is_empty() || !seen.insert(name)) {
            return Err(Diagnostic::new(format!("the column `{name}` stands there twice, or has no name")));
        }
        let rows = self.timestamp.len();
        let lengths = self.columns.iter().map(|(name, column)| (name.as_str(), column.len()));
        match lengths.chain([("available_at", self.available_at.len())]).find(|(_, length)| *length != rows) {
            Some((name, length)) => Err(Diagnostic::new(format!("`{name}` has {length} values for {rows} timestamps"))),
            None => Ok(()),
        }
    }

    /// The rows in the order in which they became known; those of one instant by what they are about.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.timestamp.len()).collect();
        order.sort_by_key(|row| (self.available_at[*row], self.timestamp[*row], *row));
        order
    }

    /// What is wrong with rows, in their order: at most one thing each by itself, and that it is there twice.
    pub fn faults(&self, order: &[usize]) -> Vec<Fault> {
        let of_itself = |row: usize| self.of_itself(row).map(|problem| Fault { row: row + 1, problem });
        let mut faults: Vec<Fault> = (0..self.timestamp.len()).filter_map(of_itself).collect();
        let key = |row: usize| (self.timestamp[row], self.available_at[row]);
        let twice = order.windows(2).filter(|pair| key(pair[0]) == key(pair[1])).map(|pair| {
            let about = Timestamp(self.timestamp[pair[0]]);
            Fault { row: pair[1] + 1, problem: Problem::SameRelease { about, row: pair[0] + 1 } }
        });
        faults.extend(twice);
        faults.sort_by_key(|fault| fault.row);
        faults
    }

    fn of_itself(&self, row: usize) -> Option<Problem> {
        let (about, known) = (self.timestamp[row], self.available_at[row]);
        if !TIME.contains(&about) || !TIME.contains(&known) {
            return Some(Problem::OutOfTime);
        }
        if known < about {
            return Some(Problem::KnownBefore { about: Timestamp(about), known: Timestamp(known) });
        }
        if let Some((column, values)) = self.columns.iter().find(|(_, column)| column[row].is_infinite()) {
            return Some(Problem::Infinite { column: column.clone(), value: values[row] });
        }
        let nothing = self.columns.iter().all(|(_, column)| column[row].is_nan());
        nothing.then_some(Problem::NoFigure)
    }
}

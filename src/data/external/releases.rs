//! Releases: figures, what each is about, and when it could be known.

use std::collections::HashSet;

use arrow_buffer::ScalarBuffer;

use crate::data::external::rows::Rows;
use crate::data::quality::Problem;
use crate::data::{Column, Fault};
use crate::error::{Diagnostic, Result};

/// How many wrong rows a message names.
const NAMED: usize = 5;

/// The releases of an external series, in the order in which they became known; those of one instant by what
/// they are about. No two are about one timestamp from one instant on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Releases {
    timestamp: ScalarBuffer<i64>,
    available_at: ScalarBuffer<i64>,
    columns: Vec<(String, Column)>,
}

impl Releases {
    /// Releases in any order: what each is about, from when on it could be known (both µs, UTC), and its figures,
    /// NaN where it says nothing.
    ///
    /// # Errors
    /// Where there is no column, or one has a name that cannot be or another length; with the row (from 1), where
    /// one is known before what it is about, is there twice, has no figure at all or an infinite one, or a date outside
    /// the years 1 to 9999.
    ///
    /// ```
    /// use timeweave::data::Releases;
    ///
    /// // Two quarters, each known 40 s after its end, and a revision of the first.
    /// let (about, known) = (vec![0, 100_000_000, 0], vec![40_000_000, 140_000_000, 150_000_000]);
    /// let releases = Releases::new(about, known, vec![("eps".into(), vec![1.0, 1.2, 0.9].into())])?;
    /// assert_eq!(releases.len(), 3);
    /// assert_eq!(releases.known_by(140_000_000).len(), 2);
    /// # Ok::<(), timeweave::error::Diagnostic>(())
    /// ```
    pub fn new(timestamp: Vec<i64>, available_at: Vec<i64>, columns: Vec<(String, Column)>) -> Result<Self> {
        Self::of(Rows { timestamp, available_at, columns })
    }

    /// Those that stand in rows.
    ///
    /// # Errors
    /// As [`Releases::new`].
    pub(super) fn of(rows: Rows) -> Result<Self> {
        rows.check_columns()?;
        let order = rows.order();
        let faults = rows.faults(&order);
        if !faults.is_empty() {
            return Err(refusal(&faults));
        }
        let sorted = |instants: &[i64]| order.iter().map(|row| instants[*row]).collect::<ScalarBuffer<i64>>();
        let (timestamp, available_at) = (sorted(&rows.timestamp), sorted(&rows.available_at));
        if order.is_sorted() {
            return Ok(Self { timestamp, available_at, columns: rows.columns });
        }
        let column = |column: &Column| order.iter().map(|row| column[*row]).collect::<Column>();
        let columns = rows.columns.iter().map(|(name, values)| (name.clone(), column(values))).collect();
        Ok(Self { timestamp, available_at, columns })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.timestamp.len()
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.timestamp.is_empty()
    }

    /// What each is about, µs UTC.
    pub fn timestamps(&self) -> &ScalarBuffer<i64> {
        &self.timestamp
    }

    /// From when on each could be known, µs UTC; never decreasing.
    pub fn available_at(&self) -> &ScalarBuffer<i64> {
        &self.available_at
    }

    /// Their figures, by name.
    pub fn columns(&self) -> &[(String, Column)] {
        &self.columns
    }

    /// Those that could be known at an instant, without a copy.
    #[must_use]
    pub fn known_by(&self, instant: i64) -> Self {
        let known = self.available_at.partition_point(|at| *at <= instant);
        let column = |(name, column): &(String, Column)| (name.clone(), column.slice(0, known));
        Self {
            timestamp: self.timestamp.slice(0, known),
            available_at: self.available_at.slice(0, known),
            columns: self.columns.iter().map(column).collect(),
        }
    }

    /// The first release about each timestamp alone.
    #[must_use]
    pub fn first_ones(&self) -> Self {
        let mut seen = HashSet::new();
        let first: Vec<usize> = (0..self.len()).filter(|row| seen.insert(self.timestamp[*row])).collect();
        let instants = |all: &[i64]| first.iter().map(|row| all[*row]).collect();
        let column = |(name, column): &(String, Column)| (name.clone(), first.iter().map(|row| column[*row]).collect());
        Self {
            timestamp: instants(&self.timestamp),
            available_at: instants(&self.available_at),
            columns: self.columns.iter().map(column).collect(),
        }
    }
}

/// One message for what is wrong with rows.
fn refusal(faults: &[Fault]) -> Diagnostic {
    let named: Vec<String> = faults.iter().take(NAMED).map(|fault| format!("row {}: {fault}", fault.row)).collect();
    let more = match faults.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more rows"),
    };
    let diagnostic = Diagnostic::new(format!("{}{more}", named.join("; ")));
    match faults.first().map(|fault| &fault.problem) {
        Some(Problem::KnownBefore { .. }) => diagnostic
            .hint("`timestamp` says what a figure is about, `available_at` from when on it could be known; a forecast is about the instant at which it is made"),
        Some(Problem::NoFigure) => diagnostic.hint("leave such rows out"),
        _ => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(i64, i64, f64)]) -> Result<Releases> {
        let column = |of: fn(&(i64, i64, f64)) -> i64| rows.iter().map(of).collect();
        let values: Vec<f64> = rows.iter().map(|row| row.2).collect();
        Releases::new(column(|row| row.0), column(|row| row.1), vec![("value".into(), values.into())])
    }

    #[test]
    fn they_come_in_the_order_in_which_they_became_known() {
        let releases = of(&[(20, 35, 2.0), (10, 40, 1.5), (30, 35, 3.0), (10, 15, 1.0)]).unwrap();
        assert_eq!(releases.timestamps()[..], [10, 20, 30, 10]);
        assert_eq!(releases.available_at()[..], [15, 35, 35, 40]);
        assert_eq!(releases.columns()[0].1[..], [1.0, 2.0, 3.0, 1.5]);
        assert_eq!(releases.known_by(35).columns()[0].1[..], [1.0, 2.0, 3.0]);
        assert!(releases.known_by(14).is_empty());
        assert_eq!(releases.first_ones(), releases.known_by(35));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_row() {
        let told = |rows: &[(i64, i64, f64)]| of(rows).unwrap_err().message().to_owned();
        assert!(told(&[(1, 1, 1.0), (10, 9, 1.0)]).starts_with("row 2: it is available at 1970-01-01 00:00:00.000009"));
        assert_eq!(
            told(&[(1, 1, f64::NAN), (2, 3, f64::INFINITY)]),
            "row 1: it has no figure; row 2: `value` is inf: figures are finite"
        );
        let twice = told(&[(1, 5, 1.0), (2, 5, 1.0), (1, 5, 2.0)]);
        assert!(twice.starts_with("row 3: it is about") && twice.ends_with("as row 1"), "{twice}");
        assert_eq!(told(&[(1, i64::MAX, 1.0)]), "row 1: the date lies outside the years 1 to 9999");
        let many = told(&vec![(1, 0, 1.0); 9]);
        assert!(many.starts_with("row 1: ") && many.ends_with("more rows"), "{many}");
        let columns = |names: &[&str]| names.iter().map(|name| ((*name).into(), vec![].into())).collect();
        for names in [&[][..], &["a", "a"], &["timestamp"], &[""]] {
            assert!(Releases::new(vec![], vec![], columns(names)).is_err(), "{names:?}");
        }
        assert!(Releases::new(vec![1], vec![1, 2], vec![("a".into(), vec![1.0].into())]).is_err());
    }
}

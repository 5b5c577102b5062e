//! The history of an external series, as it was known at each instant, in rows.

use std::ops::Range;

use arrow_buffer::ScalarBuffer;

use crate::data::{Column, Releases, Revisions};
use crate::error::{Diagnostic, Result};
use crate::time::{Span, Timestamp};

/// How many rows a history may come to.
const MOST: usize = 20_000_000;

/// The rows of an external series: what was known of it, in order of time.
///
/// A release of a later timestamp than all before it is one more row. A release of an older one (a revision, or
/// one that comes late) changes the past: from there on the whole history stands there anew, as it was known
/// from then on, and whatever remembers rows starts afresh ([`External::restarts`]). So the last row of an instant
/// always shows the latest timestamp known by then, and the rows before it, back to the restart, its past.
///
/// ```
/// use timeweave::data::{External, Releases, Revisions};
///
/// // Of 10 known at 15, of 20 at 25; at 27 it is learnt that the first was wrong; of 30 at 35.
/// let (about, known) = (vec![10, 20, 10, 30], vec![15, 25, 27, 35]);
/// let releases = Releases::new(about, known, vec![("value".into(), vec![1.0, 2.0, 1.5, 3.0].into())])?;
/// let external = External::new(releases, Revisions::Known, None)?;
/// assert_eq!(external.known_at()[..], [15, 25, 27, 27, 35]);
/// assert_eq!(external.column("value").unwrap()[..], [1.0, 2.0, 1.5, 2.0, 3.0]);
/// assert_eq!(external.restarts(), [2]);
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    releases: Releases,
    revisions: Revisions,
    max_age: Option<Span>,
    timestamp: ScalarBuffer<i64>,
    known_at: ScalarBuffer<i64>,
    fresh_until: Option<ScalarBuffer<i64>>,
    columns: Vec<(String, Column)>,
    restarts: Vec<usize>,
}

impl External {
    /// The history that releases make. With a `max_age`, a row counts for so long after the release that it shows.
    ///
    /// # Errors
    /// Where so many revisions tell so long a history anew that it comes to more than 20 million rows.
    pub fn new(releases: Releases, revisions: Revisions, max_age: Option<Span>) -> Result<Self> {
        let counted = match revisions {
            Revisions::Known => releases.clone(),
            Revisions::First => releases.first_ones(),
        };
        let Rows { shown, known_at, restarts } = rows(&counted)?;
        let instants = |of: &ScalarBuffer<i64>| -> ScalarBuffer<i64> {
            if restarts.is_empty() { of.clone() } else { shown.iter().map(|row| of[*row as usize]).collect() }
        };
        let column = |column: &Column| -> Column {
            if restarts.is_empty() { column.clone() } else { shown.iter().map(|row| column[*row as usize]).collect() }
        };
        let fresh_until = max_age.map(|age| {
            let released = instants(counted.available_at());
            released.iter().map(|at| age.after(Timestamp(*at), 1).0).collect()
        });
        Ok(Self {
            timestamp: instants(counted.timestamps()),
            columns: counted.columns().iter().map(|(name, values)| (name.clone(), column(values))).collect(),
            known_at: known_at.into(),
            releases,
            revisions,
            max_age,
            fresh_until,
            restarts,
        })
    }

    /// One of which nothing is ever known, whatever its columns are called.
    pub fn unknown() -> Self {
        let (releases, revisions) = (Releases::default(), Revisions::default());
        let instants = || ScalarBuffer::from(Vec::new());
        let (timestamp, known_at) = (instants(), instants());
        let (columns, restarts) = (Vec::new(), Vec::new());
        Self { releases, revisions, max_age: None, timestamp, known_at, fresh_until: None, columns, restarts }
    }

    /// What could be known of it at an instant.
    ///
    /// # Errors
    /// As [`External::new`].
    pub fn known_by(&self, instant: i64) -> Result<Self> {
        Self::new(self.releases.known_by(instant), self.revisions, self.max_age)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.timestamp.len()
    }

    /// No rows at all.
    pub fn is_empty(&self) -> bool {
        self.timestamp.is_empty()
    }

    /// What was released.
    pub fn releases(&self) -> &Releases {
        &self.releases
    }

    /// What each row is about, µs UTC.
    pub fn timestamps(&self) -> &ScalarBuffer<i64> {
        &self.timestamp
    }

    /// From when on each row is known, µs UTC; never decreasing.
    pub fn known_at(&self) -> &ScalarBuffer<i64> {
        &self.known_at
    }

    /// Until when each row counts, µs UTC; for ever, where there is none.
    pub fn fresh_until(&self) -> Option<&ScalarBuffer<i64>> {
        self.fresh_until.as_ref()
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    /// The names of its columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The rows at which the history is told anew, from its beginning.
    pub fn restarts(&self) -> &[usize] {
        &self.restarts
    }

    /// The rows that belong together: from the beginning or a restart to the next.
    pub fn tellings(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = [0].into_iter().chain(self.restarts.iter().copied());
        let ends = self.restarts.iter().copied().chain([self.len()]);
        starts.zip(ends).map(|(start, end)| start..end)
    }
}

struct Rows {
    /// The release that each row shows.
    shown: Vec<u32>,
    known_at: Vec<i64>,
    restarts: Vec<usize>,
}

fn rows(releases: &Releases) -> Result<Rows> {
    let mut rows = Rows { shown: Vec::new(), known_at: Vec::new(), restarts: Vec::new() };
    // What is known: a release for each timestamp, in their order.
    let mut known: Vec<(i64, u32)> = Vec::new();
    let mut release = 0;
    for instant in releases.available_at().chunk_by(|a, b| a == b) {
        let (before, latest) = (known.len(), known.last().map(|(timestamp, _)| *timestamp));
        let mut changed = false;
        for _ in instant {
            let timestamp = releases.timestamps()[release];
            let row = u32::try_from(release).map_err(|_| too_long())?;
            match known.binary_search_by_key(&timestamp, |(known, _)| *known) {
                Ok(place) => known[place].1 = row,
                Err(place) => known.insert(place, (timestamp, row)),
            }
            changed |= latest.is_some_and(|latest| timestamp <= latest);
            release += 1;
        }
        let told = match changed {
            true => {
                rows.restarts.push(rows.shown.len());
                &known[..]
            }
            false => &known[before..],
        };
        if rows.shown.len() + told.len() > MOST {
            return Err(too_long());
        }
        rows.shown.extend(told.iter().map(|(_, row)| *row));
        rows.known_at.resize(rows.shown.len(), instant[0]);
    }
    Ok(rows)
}

fn too_long() -> Diagnostic {
    Diagnostic::new(format!("its revisions tell the history anew so often that it comes to more than {MOST} rows"))
        .hint("revisions: \"first\" takes the first release of each timestamp alone")
}

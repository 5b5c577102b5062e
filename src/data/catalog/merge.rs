//! Bars that come in, joined with those that are stored.

use crate::data::{Bars, Column, Field};
use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

/// How bars that come in meet those that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Merge {
    /// There are none stored: refused where there are.
    #[default]
    New,
    /// They go on from those stored. Bars of times that are stored must be the same.
    Append,
    /// They count where both have a bar; all others stay.
    Update,
    /// Those stored are dropped.
    Replace,
}

/// Old and new bars in one, and how many of them are new.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub bars: Bars,
    /// Bars of times that were not stored.
    pub added: usize,
    /// Bars that were stored with other figures.
    pub changed: usize,
    /// The first bar that is not simply a later one: changed, or in between those stored.
    pub first_before_the_end: Option<Timestamp>,
}

/// The bars of both, in order of time; where both have one, the new one counts.
///
/// # Errors
/// Where they have not the same timeframe or columns.
pub(super) fn merged(old: &Bars, new: &Bars) -> Result<Merged> {
    if old.timeframe() != new.timeframe() {
        let message = format!("{} bars cannot be joined with {} bars", new.timeframe(), old.timeframe());
        return Err(Diagnostic::new(message));
    }
    let columns = |bars: &Bars| bars.extra().iter().map(|(name, _)| name.clone()).collect::<Vec<String>>();
    let (stored, coming) = (columns(old), columns(new));
    let lacks = |some: &[String], others: &[String]| others.iter().find(|name| !some.contains(name)).cloned();
    if let Some(name) = lacks(&coming, &stored) {
        return Err(Diagnostic::new(format!("the stored bars have a column `{name}`, which those that come in lack")));
    }
    if let Some(name) = lacks(&stored, &coming) {
        return Err(Diagnostic::new(format!("the bars have a column `{name}`, which those that are stored lack")));
    }

    let last = old.timestamps().last().copied().unwrap_or(i64::MIN);
    let (mut added, mut changed, mut first) = (0, 0, None);
    let mut rows = Vec::with_capacity(old.len() + new.len());
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        let at = |bars: &Bars, row: usize| bars.timestamps().get(row).copied().unwrap_or(i64::MAX);
        let (stored, coming) = (at(old, a), at(new, b));
        if stored < coming {
            rows.push(Row::Old(a));
            a += 1;
            continue;
        }
        if stored > coming {
            added += 1;
        } else if !same(old, a, new, b) {
            changed += 1;
        }
        if first.is_none() && coming <= last && (stored > coming || !same(old, a, new, b)) {
            first = Some(Timestamp(coming));
        }
        rows.push(Row::New(b));
        a += usize::from(stored == coming);
        b += 1;
    }
    let take = |old: &Column, new: &Column| -> Column {
        let value = |row: &Row| match row {
            Row::Old(row) => old[*row],
            Row::New(row) => new[*row],
        };
        rows.iter().map(value).collect()
    };
    let opens = rows.iter().map(|row| match row {
        Row::Old(row) => old.timestamps()[*row],
        Row::New(row) => new.timestamps()[*row],
    });
    let fields = Field::ALL.map(|field| take(old.field(field), new.field(field)));
    let bars = Bars::from_columns(old.timeframe(), &new.calendar(), opens.collect(), fields)?;
    let others = old.extra().iter().filter_map(|(name, column)| Some((name, take(column, new.column(name)?))));
    let bars = others.into_iter().try_fold(bars, |bars, (name, column)| bars.with_column(name, column))?;
    Ok(Merged { bars, added, changed, first_before_the_end: first })
}

/// Where a row of the joined bars comes from.
enum Row {
    Old(usize),
    New(usize),
}

/// Whether two bars have the same figures; NaN is as NaN.
fn same(old: &Bars, a: usize, new: &Bars, b: usize) -> bool {
    let equal = |x: f64, y: f64| x == y || (x.is_nan() && y.is_nan());
    let fields = Field::ALL.iter().all(|field| equal(old.field(*field)[a], new.field(*field)[b]));
    let other = |(name, column): &(String, Column)| new.column(name).is_some_and(|new| equal(column[a], new[b]));
    fields && old.extra().iter().all(other)
}

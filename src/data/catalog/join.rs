//! Bars that come in, joined with those that are stored: file with file, a batch at a time.

use std::path::Path;

use arrow_array::RecordBatch;

use crate::data::Field;
use crate::data::files::{BarsWriter, Batches, Columns, GROUP, ParquetFile, column_name, instants, numbers};
use crate::data::quality::{Checker, Row};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

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

/// What came of joining two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Joined {
    /// How many bars there are now.
    pub bars: usize,
    /// Bars of times that were not stored.
    pub added: usize,
    /// Bars that were stored with other figures.
    pub changed: usize,
}

/// Writes the bars of both files in order of time; where both have one, that which comes in counts. Groups of
/// rows that the other file does not touch are taken over as they are.
///
/// # Errors
/// Where a file cannot be read or written, the columns differ, or `merge` does not allow what would happen.
pub(super) fn join(
    stored: &Path,
    coming: &Path,
    (timeframe, calendar): (Timeframe, &Calendar),
    merge: Merge,
    into: &Path,
) -> Result<Joined> {
    let at = |diagnostic: Diagnostic| diagnostic.at(Origin::file(stored.display().to_string()));
    let (old, new) = (ParquetFile::open(stored)?, ParquetFile::open(coming)?);
    let extra = same_columns(&old, &new).map_err(at)?;
    let range = if new.groups().is_empty() { None } else { new.range_of_group(0) };
    let first = range.map_or(i64::MIN, |(first, _)| first);
    // Groups that end before the first bar that comes in; a small last one is written anew, so that many small
    // additions do not make many small groups.
    let ends_before = |group: &usize| {
        let rows = usize::try_from(old.groups()[*group].num_rows()).unwrap_or_default();
        let whole = rows >= GROUP / 2 || *group + 1 < old.groups().len();
        whole && old.range_of_group(*group).is_some_and(|(_, last)| last < first)
    };
    let copied = match is_ours(&old, &new) {
        true => (0..old.groups().len()).take_while(ends_before).count(),
        false => 0,
    };
    let mut writer = BarsWriter::create(into, &extra)?;
    for group in 0..copied {
        writer.copy(&old.file, old.metadata.metadata(), group)?;
    }
    let mut old = Cursor::open(&old, copied, &extra)?;
    let mut new = Cursor::open(&new, 0, &extra)?;
    let mut columns = Columns::new(extra.len());
    let mut joined = Joined::default();
    let mut row = Vec::new();
    let mut checker = Checker::new(calendar.clone(), timeframe);
    loop {
        let (a, b) = (old.peek()?, new.peek()?);
        let timestamp = match (a, b) {
            (None, None) => break,
            (Some(a), b) if b.is_none_or(|b| a < b) => {
                old.take(&mut row);
                a
            }
            (a, b) => {
                let b = b.unwrap_or_default();
                let is_stored = a == Some(b);
                new.take(&mut row);
                let differs = is_stored && !old.is(&row);
                joined.added += usize::from(!is_stored);
                joined.changed += usize::from(differs);
                // The groups that were taken over end before it.
                let between = !is_stored && a.is_some();
                if merge == Merge::Append && (differs || between) {
                    let message =
                        format!("the bar of {} is not the one that is stored, or lies between those", Timestamp(b));
                    return Err(at(Diagnostic::new(message).hint(
                        "--merge update lets the new bars count where both have one; replace drops what is stored",
                    )));
                }
                if is_stored {
                    old.skip();
                }
                b
            }
        };
        let [open, high, low, close, volume, ..] = row[..] else { break };
        let values = [open, high, low, close, volume];
        let whole = Row { number: joined.bars, timestamp: Timestamp(timestamp), values, adjusted_close: None };
        checker.check(&whole).map_err(|problem| {
            at(Diagnostic::new(format!("the bars that come in do not fit between those stored: {problem}"))
                .hint("import them into another dataset, or --merge replace drops what is stored"))
        })?;
        columns.push(timestamp, &row);
        if columns.len() == GROUP {
            writer.write(columns.take())?;
        }
    }
    writer.write(columns)?;
    joined.bars = writer.finish()?;
    Ok(joined)
}

/// The columns beside the five, in the order of those that come in.
fn same_columns(old: &ParquetFile, new: &ParquetFile) -> Result<Vec<String>> {
    let names = |file: &ParquetFile| -> Vec<String> {
        file.metadata.schema().fields().iter().map(|field| column_name(field.name())).collect()
    };
    let (stored, coming) = (names(old), names(new));
    let lacks = |some: &[String], others: &[String]| others.iter().find(|name| !some.contains(name)).cloned();
    if let Some(name) = lacks(&coming, &stored) {
        let message = format!("the stored bars have a column `{name}`, which those that come in lack");
        return Err(Diagnostic::new(message).hint("bring it in too; or --merge replace drops what is stored"));
    }
    if let Some(name) = lacks(&stored, &coming) {
        let message = format!("the bars have a column `{name}`, which those that are stored lack");
        return Err(Diagnostic::new(message)
            .hint(format!("--leave-out {name} brings in the others; --merge replace drops what is stored")));
    }
    Ok(coming
        .into_iter()
        .filter(|name| name != "timestamp" && Field::ALL.iter().all(|field| field.name() != name))
        .collect())
}

/// Whether groups of one file can stand in the other.
fn is_ours(old: &ParquetFile, new: &ParquetFile) -> bool {
    let schema = |file: &ParquetFile| file.metadata.metadata().file_metadata().schema_descr().root_schema_ptr();
    schema(old) == schema(new)
}

/// The rows of a file, one after the other.
struct Cursor<'a> {
    batches: Batches<'a>,
    /// The five, then those beside them.
    names: Vec<String>,
    columns: Columns,
    row: usize,
    ended: bool,
}

impl<'a> Cursor<'a> {
    fn open(file: &ParquetFile<'a>, from_group: usize, extra: &[String]) -> Result<Self> {
        let names = Field::ALL.iter().map(|field| field.name().to_owned()).chain(extra.iter().cloned()).collect();
        let batches = file.batches(from_group..file.groups().len(), None)?;
        Ok(Self { batches, names, columns: Columns::new(extra.len()), row: 0, ended: false })
    }

    /// The timestamp of the next row.
    fn peek(&mut self) -> Result<Option<i64>> {
        while !self.ended && self.row == self.columns.len() {
            match self.batches.next()? {
                Some(batch) => (self.columns, self.row) = (self.read(&batch)?, 0),
                None => self.ended = true,
            }
        }
        Ok(self.columns.timestamps.get(self.row).copied())
    }

    fn read(&self, batch: &RecordBatch) -> Result<Columns> {
        let mut columns = Columns::new(self.names.len() - Field::ALL.len());
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let name = column_name(field.name());
            match self.names.iter().position(|other| *other == name) {
                Some(place) => columns.values[place] = numbers(&name, array)?.to_vec(),
                None => columns.timestamps = instants(array)?.to_vec(),
            }
        }
        Ok(columns)
    }

    /// Takes the next row, once it was looked at.
    fn take(&mut self, row: &mut Vec<f64>) {
        row.clear();
        row.extend(self.columns.values.iter().map(|column| column[self.row]));
        self.row += 1;
    }

    /// Whether the next row has these figures; NaN is as NaN.
    fn is(&self, row: &[f64]) -> bool {
        let equal = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        let own: Vec<f64> = self.columns.values.iter().map(|column| column[self.row]).collect();
        own.iter().zip(row).all(equal)
    }

    fn skip(&mut self) {
        self.row += 1;
    }
}

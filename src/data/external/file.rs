//! Releases in Parquet files, and as Arrow columns.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, TimestampMicrosecondArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::data::external::rows::Rows;
use crate::data::external::words;
use crate::data::files::{instants, numbers, read_batch, replace_file};
use crate::data::{Column, Releases, parquet_bytes};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Span, Timestamp};

/// What to write then.
const LAG: &str = "say how long after its timestamp a figure could be known, at the latest: external(\"macro/cpi\", #{ lag: \"45d\" })";

impl Releases {
    /// Reads a Parquet file as [`Releases::from_record_batch`] does.
    ///
    /// # Errors
    /// Where the file cannot be read or is no Parquet file; as [`Releases::from_record_batch`].
    pub fn read_parquet(path: &Path, lag: Option<Span>) -> Result<Self> {
        Self::from_record_batch(&read_batch(path)?, lag, &path.display().to_string())
    }

    /// Writes a Parquet file, whole or not at all. The same releases make the same bytes.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_parquet(&self, path: &Path) -> Result<()> {
        replace_file(path, &parquet_bytes(&self.to_record_batch()?)?)
    }

    /// The columns as Arrow has them: `available_at` and `timestamp` (timestamp[us, UTC]), then the figures
    /// (float64, NaN where there is none).
    ///
    /// # Errors
    /// None: all columns are of one length.
    pub fn to_record_batch(&self) -> Result<RecordBatch> {
        let instants = |of: &ScalarBuffer<i64>| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::new(of.clone(), None).with_timezone("UTC"))
        };
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (name, column) in [("available_at", self.available_at()), ("timestamp", self.timestamps())] {
            let column = instants(column);
            fields.push(Field::new(name, column.data_type().clone(), false));
            columns.push(column);
        }
        for (name, column) in self.columns() {
            fields.push(Field::new(name, DataType::Float64, false));
            columns.push(Arc::new(Float64Array::new(column.values().clone(), None)));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|error| Diagnostic::new(format!("the releases make no record batch: {error}")))
    }

    /// Releases from a record batch with a `timestamp` and, unless a lag says when figures could be known, an
    /// `available_at`: timestamps in s, ms, µs or ns, or dates. Every other column is one of figures: of numbers
    /// or truth values (1 and 0), with nulls where there is none; or of words.
    ///
    /// A column of words makes a column for each of its words, which is 1 on rows that have it, 0 on rows that
    /// have another, NaN on rows that have none: of `state` with "recession" and "late cycle" come
    /// `state_late_cycle` and `state_recession`.
    ///
    /// An `available_at` of a type of dates counts from the end of that date (UTC) on, for it does not say at what
    /// time of it; one of instants counts as it stands, with fractions of a microsecond rounded up. A lag counts from
    /// the timestamp as it stands.
    ///
    /// # Errors
    /// Where a column is missing or has a type that is neither; where there are both, or neither, of an
    /// `available_at` and a lag; as [`Releases::new`]. `file` is what messages call the batch.
    pub fn from_record_batch(batch: &RecordBatch, lag: Option<Span>, file: &str) -> Result<Self> {
        let names = names_of(batch);
        check_lag(names.iter().any(|name| name == "available_at"), lag, file)?;
        read(batch, &names, lag).and_then(Self::of).map_err(|error| error.at(Origin::file(file)))
    }
}

/// The rows of a Parquet file, right or not, and whether it says itself when they could be known. Where it does not,
/// each counts as known from what it is about on.
///
/// # Errors
/// Where the file cannot be read, or a column is missing or of a type that none can have.
pub(super) fn rows_of(path: &Path) -> Result<(Rows, bool)> {
    let batch = read_batch(path)?;
    let names = names_of(&batch);
    let rows = read(&batch, &names, None).and_then(|rows| rows.check_columns().map(|()| rows));
    let says_when = names.iter().any(|name| name == "available_at");
    rows.map(|rows| (rows, says_when)).map_err(|error| error.at(Origin::file(path.display().to_string())))
}

fn names_of(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| words::plain(field.name())).collect()
}

/// Whether it is said once when figures could be known. It is the script that says it wrong, not the file.
fn check_lag(is_said: bool, lag: Option<Span>, file: &str) -> Result<()> {
    match (is_said, lag) {
        (true, Some(lag)) => {
            let message = format!("{file} says itself when its figures could be known: a lag of {lag} does not count");
            Err(Diagnostic::new(message).hint("take `lag` out; what decides is the column `available_at`"))
        }
        (false, None) => {
            let message = format!("{file} has no column `available_at`: nothing says when its figures could be known");
            Err(Diagnostic::new(message).hint(LAG))
        }
        _ => Ok(()),
    }
}

fn read(batch: &RecordBatch, names: &[String], lag: Option<Span>) -> Result<Rows> {
    let find = |wanted: &str| names.iter().position(|name| name == wanted).map(|place| batch.column(place));
    let Some(timestamp) = find("timestamp") else {
        return Err(Diagnostic::new("there is no column `timestamp`: what each figure is about")
            .hint(format!("its columns are: {}", names.join(", "))));
    };
    none_empty("timestamp", timestamp)?;
    let timestamp = moments("timestamp", timestamp)?;
    let later = |at: &i64| lag.map_or(*at, |lag| lag.after(Timestamp(*at), 1).0);
    let available_at = match find("available_at") {
        Some(array) => known_from(array)?,
        None => timestamp.iter().map(later).collect(),
    };
    let mut columns: Vec<(String, Column)> = Vec::new();
    for (name, array) in names.iter().zip(batch.columns()) {
        match array.data_type() {
            _ if name == "timestamp" || name == "available_at" => {}
            DataType::Boolean => {
                let truth = |truth: Option<bool>| truth.map_or(f64::NAN, f64::from);
                columns.push((name.clone(), array.as_boolean().iter().map(truth).collect()));
            }
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
                columns.extend(words::columns(name, &words::read(name, array)?)?);
            }
            other => {
                let numbers = numbers(name, array).map_err(|_| {
                    Diagnostic::new(format!("`{name}` is of the type {other}: neither numbers nor words"))
                        .hint("store it as float64, or leave the column out")
                })?;
                columns.push((name.clone(), numbers.into()));
            }
        }
    }
    Ok(Rows { timestamp: timestamp.to_vec(), available_at, columns })
}

/// Refuses a column of dates with empty cells, and says in which rows.
fn none_empty(name: &str, array: &ArrayRef) -> Result<()> {
    /// How many rows a message names.
    const NAMED: usize = 5;
    let empty = (0..array.len()).filter(|row| array.is_null(*row)).map(|row| (row + 1).to_string());
    let named: Vec<String> = empty.take(NAMED).collect();
    match array.null_count() {
        0 => Ok(()),
        1 => Err(Diagnostic::new(format!("`{name}` is empty in row {}", named.join("")))),
        many if many > NAMED => {
            let more = many - NAMED;
            Err(Diagnostic::new(format!("`{name}` is empty in the rows {} and {more} more", named.join(", "))))
        }
        _ => Err(Diagnostic::new(format!("`{name}` is empty in the rows {}", named.join(", ")))),
    }
}

/// From when on something is known that is said to be available then: never before.
fn known_from(array: &ArrayRef) -> Result<Vec<i64>> {
    none_empty("available_at", array)?;
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let values = array.as_primitive::<TimestampNanosecondType>().values();
            Ok(values.iter().map(|value| value.div_euclid(1_000) + i64::from(value.rem_euclid(1_000) > 0)).collect())
        }
        DataType::Date32 => {
            let midnights = moments("available_at", array)?;
            Ok(midnights.iter().map(|midnight| Timestamp(*midnight).next_day().0).collect())
        }
        _ => Ok(moments("available_at", array)?.to_vec()),
    }
}

/// A column of instants or dates.
fn moments(name: &str, array: &ArrayRef) -> Result<ScalarBuffer<i64>> {
    instants(array).map_err(|_| {
        Diagnostic::new(format!("`{name}` is of the type {}: neither instants nor dates", array.data_type()))
            .hint("store it as timestamp[us, UTC], or as a date")
    })
}

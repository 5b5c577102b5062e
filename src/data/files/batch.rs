//! Bars as an Arrow record batch and back: columns are shared, not copied, where their types allow.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, TimestampMicrosecondArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, Field as ArrowField, Schema, TimeUnit};

use crate::data::quality::{Checker, Row, SUSPICIOUS_JUMP, check_pace, refusal, surely_right};
use crate::data::{Bars, Column, Fault, Field};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

impl Bars {
    /// The columns as Arrow has them: `timestamp` (timestamp[us, UTC]), then the five fields and the
    /// other columns (float64). Nothing is copied.
    pub fn to_record_batch(&self) -> Result<RecordBatch> {
        let timestamps = TimestampMicrosecondArray::new(self.timestamps().clone(), None).with_timezone("UTC");
        let mut fields = vec![ArrowField::new("timestamp", timestamps.data_type().clone(), false)];
        let mut columns: Vec<ArrayRef> = vec![Arc::new(timestamps)];
        let own = Field::ALL.iter().map(|field| (field.name(), self.field(*field)));
        let extra = self.extra().iter().map(|(name, column)| (name.as_str(), column));
        for (name, column) in own.chain(extra) {
            fields.push(ArrowField::new(name, DataType::Float64, false));
            columns.push(Arc::new(Float64Array::new(column.values().clone(), None)));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|error| Diagnostic::new(format!("the bars make no record batch: {error}")))
    }

    /// Bars from a record batch with the columns of [`Bars::to_record_batch`], in any order; every
    /// other column must be one of numbers. `timestamp[us]` and float64 columns without nulls are
    /// shared, others (timestamps in s, ms and ns, dates, integers, float32) are converted.
    ///
    /// Names count without case, and a space is an underscore: `Adj Close` is `adj_close`. `file` is
    /// what messages call the batch.
    ///
    /// # Errors
    /// Where a column is missing, stands twice or has a type that is no number; where rows are not
    /// right, with the row and what is wrong there.
    pub fn from_record_batch(
        timeframe: Timeframe,
        calendar: &Calendar,
        batch: &RecordBatch,
        file: &str,
    ) -> Result<Self> {
        read(timeframe, calendar, batch, file).map_err(|error| error.at(Origin::file(file)))
    }
}

/// The name that a column goes by: lower case, underscores for spaces, `timestamp` for the date.
pub(in crate::data) fn column_name(header: &str) -> String {
    let name = header.trim().trim_start_matches('\u{feff}').to_lowercase().replace([' ', '-'], "_");
    match name.as_str() {
        "date" | "time" | "datetime" => "timestamp".into(),
        "adjusted_close" | "adjclose" => "adj_close".into(),
        _ => name,
    }
}

/// Says which of the columns that bars need is not there.
///
/// # Errors
/// Where one is missing or stands twice.
pub(in crate::data) fn require_columns(names: &[String]) -> Result<()> {
    let needed = ["timestamp"].into_iter().chain(Field::ALL.map(Field::name));
    let missing: Vec<&str> = needed.filter(|needed| names.iter().all(|name| name != needed)).collect();
    if let Some((first, others)) = missing.split_first() {
        let others: String = others.iter().map(|name| format!(", nor `{name}`")).collect();
        let hint = match missing[..] {
            ["volume"] => "where the volume is not known, add the column with 0 in every row".into(),
            _ => format!("its columns are: {}", names.join(", ")),
        };
        return Err(Diagnostic::new(format!("there is no column `{first}`{others}")).hint(hint));
    }
    let twice = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name));
    match twice {
        Some((_, name)) => Err(Diagnostic::new(format!("the column `{name}` stands there twice"))),
        None => Ok(()),
    }
}

fn read(timeframe: Timeframe, calendar: &Calendar, batch: &RecordBatch, file: &str) -> Result<Bars> {
    let schema = batch.schema();
    let names: Vec<String> = schema.fields().iter().map(|field| column_name(field.name())).collect();
    require_columns(&names)?;
    let mut timestamps = ScalarBuffer::from(Vec::new());
    let mut columns: Vec<(String, Column)> = Vec::new();
    for (name, array) in names.into_iter().zip(batch.columns()) {
        if name == "timestamp" {
            timestamps = instants(array)?;
        } else {
            let column = numbers(&name, array)?;
            columns.push((name, column.into()));
        }
    }
    assembled(timeframe, calendar, timestamps, columns, file)
}

/// Bars from columns by their names, checked row by row.
///
/// # Errors
/// Where rows are not right.
pub(super) fn assembled(
    timeframe: Timeframe,
    calendar: &Calendar,
    timestamps: ScalarBuffer<i64>,
    columns: Vec<(String, Column)>,
    file: &str,
) -> Result<Bars> {
    let fields = five(&columns);
    let adjusted = columns.iter().find(|(name, _)| name == "adj_close").map(|(_, column)| column);
    check(timeframe, calendar, &timestamps, &fields, adjusted, file)?;
    let bars = Bars::from_columns(timeframe, calendar, timestamps, fields)?;
    let extra = columns.into_iter().filter(|(name, _)| Field::ALL.iter().all(|field| field.name() != name));
    extra.into_iter().try_fold(bars, |bars, (name, column)| bars.with_column(name, column))
}

fn check(
    timeframe: Timeframe,
    calendar: &Calendar,
    timestamps: &[i64],
    fields: &[Column; 5],
    adjusted: Option<&Column>,
    file: &str,
) -> Result<()> {
    if timeframe.is_intraday() && surely_right(timestamps, fields, adjusted) {
        return check_pace(timeframe, timestamps);
    }
    let faults = examined(timeframe, calendar, timestamps, fields, adjusted).0;
    if faults.is_empty() {
        return check_pace(timeframe, timestamps);
    }
    Err(refusal(file, "row", &faults, faults.len()).hint(
        "mend the file; or bring it in elsewhere with `runner data import --lenient`, which leaves wrong rows out",
    ))
}

/// The rows that are wrong, and the closes that lie more than 50 % from the one before.
pub(in crate::data) fn examined(
    timeframe: Timeframe,
    calendar: &Calendar,
    timestamps: &[i64],
    fields: &[Column; 5],
    adjusted: Option<&Column>,
) -> (Vec<Fault>, Vec<Fault>) {
    let mut checker = Checker::new(calendar.clone(), timeframe);
    let (mut faults, mut jumps) = (Vec::new(), Vec::new());
    for (bar, &timestamp) in timestamps.iter().enumerate() {
        let row = Row {
            number: bar + 1,
            timestamp: Timestamp(timestamp),
            values: fields.each_ref().map(|column| column[bar]),
            adjusted_close: adjusted.map(|column| column[bar]),
        };
        match checker.check(&row) {
            Err(problem) => faults.push(Fault { row: row.number, problem }),
            Ok(()) => {
                let jump = checker.jump(&row, SUSPICIOUS_JUMP);
                jumps.extend(jump.map(|problem| Fault { row: row.number, problem }));
            }
        }
    }
    (faults, jumps)
}

/// The five columns of bars among others.
pub(in crate::data) fn five(columns: &[(String, Column)]) -> [Column; 5] {
    let take = |field: Field| columns.iter().find(|(name, _)| name == field.name()).map(|(_, column)| column.clone());
    Field::ALL.map(|field| take(field).unwrap_or_else(|| Vec::new().into()))
}

pub(in crate::data) fn instants(array: &ArrayRef) -> Result<ScalarBuffer<i64>> {
    if array.null_count() > 0 {
        return Err(Diagnostic::new(format!("`timestamp` is empty in {} rows", array.null_count())));
    }
    let scaled = |values: &[i64], factor: i64| {
        values.iter().map(|value| value.saturating_mul(factor)).collect::<ScalarBuffer<i64>>()
    };
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Ok(array.as_primitive::<TimestampMicrosecondType>().values().clone())
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            Ok(scaled(array.as_primitive::<TimestampSecondType>().values(), 1_000_000))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Ok(scaled(array.as_primitive::<TimestampMillisecondType>().values(), 1_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let values = array.as_primitive::<TimestampNanosecondType>().values();
            Ok(values.iter().map(|value| value.div_euclid(1_000)).collect())
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().values();
            Ok(days.iter().map(|&day| i64::from(day).saturating_mul(Timestamp::DAY)).collect())
        }
        other => Err(Diagnostic::new(format!("`timestamp` is of the type {other}: no instant in time"))
            .hint("store it as timestamp[us, UTC]: the instant at which the bar opens")),
    }
}

pub(in crate::data) fn numbers(name: &str, array: &ArrayRef) -> Result<ScalarBuffer<f64>> {
    match array.data_type() {
        DataType::Float64 if array.null_count() == 0 => Ok(array.as_primitive::<Float64Type>().values().clone()),
        DataType::Float64 => Ok(converted::<Float64Type>(array, |value| value)),
        DataType::Float32 => Ok(converted::<Float32Type>(array, f64::from)),
        DataType::Int8 => Ok(converted::<Int8Type>(array, f64::from)),
        DataType::Int16 => Ok(converted::<Int16Type>(array, f64::from)),
        DataType::Int32 => Ok(converted::<Int32Type>(array, f64::from)),
        DataType::Int64 => Ok(converted::<Int64Type>(array, |value| value as f64)),
        DataType::UInt8 => Ok(converted::<UInt8Type>(array, f64::from)),
        DataType::UInt16 => Ok(converted::<UInt16Type>(array, f64::from)),
        DataType::UInt32 => Ok(converted::<UInt32Type>(array, f64::from)),
        DataType::UInt64 => Ok(converted::<UInt64Type>(array, |value| value as f64)),
        other => Err(Diagnostic::new(format!("`{name}` is of the type {other}: a column of bars has numbers"))
            .hint("store it as float64, or leave the column out")),
    }
}

/// The values as float64, NaN for nulls.
fn converted<T: ArrowPrimitiveType>(array: &ArrayRef, to_f64: impl Fn(T::Native) -> f64) -> ScalarBuffer<f64> {
    array.as_primitive::<T>().iter().map(|value| value.map_or(f64::NAN, &to_f64)).collect()
}

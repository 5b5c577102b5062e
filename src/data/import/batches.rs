//! Rows of Parquet and Arrow files, whatever the types of their columns.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, TimeUnit};
use chrono::{Offset, TimeZone};
use parquet::errors::ParquetError;

use crate::data::files::{Batches, ParquetFile, guarded, numbers};
use crate::data::import::arrow_file;
use crate::data::import::columns::{Kind, Seen, plain};
use crate::data::import::csv::{COLUMNS, kind};
use crate::data::import::dates::{Moment, from_count};
use crate::data::import::rows::{Layout, RawRow, Rows, Step};
use crate::data::import::source::{self, Source};
use crate::data::quality::Problem;
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timestamp};

/// Record batches one after the other.
enum Reader<'a> {
    Parquet(Batches<'a>),
    Arrow(Box<dyn RecordBatchReader>),
}

impl<'a> Reader<'a> {
    fn open(source: &'a Source, columns: Option<&[usize]>) -> Result<(Self, Vec<String>)> {
        match source.kind {
            source::Kind::Parquet => {
                let file = ParquetFile::open(&source.path)?;
                let names = file.metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
                Ok((Self::Parquet(file.batches(0..file.groups().len(), columns)?), names))
            }
            _ => {
                let reader = arrow_file::open(source, columns)?;
                let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
                Ok((Self::Arrow(reader), names))
            }
        }
    }

    fn next(&mut self, source: &Source) -> Result<Option<RecordBatch>> {
        match self {
            Reader::Parquet(batches) => batches.next(),
            Reader::Arrow(reader) => {
                let next = || reader.next().transpose().map_err(|error| ParquetError::ArrowError(error.to_string()));
                guarded(next).map_err(|error| arrow_file::broken(source, &error))
            }
        }
    }
}

/// What a file of record batches looks like.
pub(super) struct Look {
    pub names: Vec<String>,
    pub seen: Vec<Seen>,
    /// The first batch.
    sample: RecordBatch,
}

/// Looks at a file's first batch.
///
/// # Errors
/// Where it cannot be read, has no rows, or too many columns.
pub(super) fn look(source: &Source) -> Result<Look> {
    let here = |message: String| Diagnostic::new(message).at(Origin::file(source.name()));
    let (mut reader, names) = Reader::open(source, None)?;
    if names.len() > COLUMNS {
        return Err(here(format!("there are {} columns: at most {COLUMNS} are read", names.len()))
            .hint("cut the file down to the columns of bars"));
    }
    let sample = loop {
        match reader.next(source)? {
            Some(batch) if batch.num_rows() == 0 => (),
            Some(batch) => break batch.slice(0, batch.num_rows().min(1000)),
            None => return Err(here("the file has no rows".into())),
        }
    };
    let seen = names.iter().zip(sample.columns()).map(|(name, array)| {
        let kind = match Cells::of(array) {
            Cells::Moments(_) => Kind::Date,
            Cells::Numbers(_) | Cells::Counts(_) => Kind::Number,
            Cells::Texts(texts) => {
                let texts: Vec<&str> =
                    texts.iter().flatten().map(String::as_str).filter(|text| !text.is_empty()).collect();
                kind(&plain(name), &texts)
            }
            Cells::Other => Kind::Text,
        };
        Seen { name: name.clone(), kind }
    });
    Ok(Look { seen: seen.collect(), names, sample })
}

impl Look {
    /// The cells of dates in the sample as text, with the times beside them; none where their type says all.
    pub fn dates(&self, timestamp: usize, time: Option<usize>) -> Option<Vec<String>> {
        let texts = |place: usize| match Cells::of(self.sample.column(place)) {
            Cells::Texts(texts) => Some(texts.into_iter().map(Option::unwrap_or_default).collect::<Vec<String>>()),
            Cells::Counts(counts) => {
                Some(counts.into_iter().map(|count| count.map_or(String::new(), |count| count.to_string())).collect())
            }
            Cells::Numbers(numbers) => Some(numbers.into_iter().map(|number| number.to_string()).collect()),
            Cells::Moments(_) | Cells::Other => None,
        };
        let dates = texts(timestamp)?;
        let times = time.and_then(texts);
        let whole =
            dates.into_iter().enumerate().map(|(row, date)| match times.as_ref().and_then(|times| times.get(row)) {
                Some(time) => format!("{date} {time}"),
                None => date,
            });
        Some(whole.filter(|text| !text.is_empty()).collect())
    }

    /// The cells of a column that are texts of numbers.
    pub fn texts(&self) -> Vec<String> {
        let texts = |array: &ArrayRef| match Cells::of(array) {
            Cells::Texts(texts) => texts.into_iter().flatten().collect(),
            _ => Vec::new(),
        };
        let numbers = self.seen.iter().zip(self.sample.columns()).filter(|(seen, _)| seen.kind == Kind::Number);
        numbers.flat_map(|(_, array)| texts(array)).collect()
    }
}

/// The cells of a column in a batch.
enum Cells {
    Moments(Vec<Option<Moment>>),
    Counts(Vec<Option<i64>>),
    /// NaN where there is none.
    Numbers(Vec<f64>),
    Texts(Vec<Option<String>>),
    /// A type of which nothing is known.
    Other,
}

impl Cells {
    fn of(array: &ArrayRef) -> Self {
        match array.data_type() {
            DataType::Timestamp(unit, zone) => {
                let zone = zone.as_deref().map(Clockwork::of);
                let (counts, parts) = match unit {
                    TimeUnit::Second => (counts::<TimestampSecondType>(array, |count| count), 1),
                    TimeUnit::Millisecond => (counts::<TimestampMillisecondType>(array, |count| count), 1_000),
                    TimeUnit::Microsecond => (counts::<TimestampMicrosecondType>(array, |count| count), 1_000_000),
                    TimeUnit::Nanosecond => (counts::<TimestampNanosecondType>(array, |count| count), 1_000_000_000),
                };
                let moment = |count: i64| {
                    let micros = from_count(count, parts)?;
                    Some(zone.as_ref().map_or(Moment::Local(micros), |zone| zone.moment(micros)))
                };
                Cells::Moments(counts.into_iter().map(|count| count.and_then(moment)).collect())
            }
            DataType::Date32 => {
                let days = array.as_primitive::<arrow_array::types::Date32Type>().iter();
                let date = |day: i32| Moment::Local(i64::from(day).saturating_mul(Timestamp::DAY));
                Cells::Moments(days.map(|day| day.map(date)).collect())
            }
            DataType::Date64 => {
                let millis = array.as_primitive::<arrow_array::types::Date64Type>().iter();
                let date = |count: i64| count.checked_mul(1_000).map(Moment::Local);
                Cells::Moments(millis.map(|count| count.and_then(date)).collect())
            }
            DataType::Int8 => Cells::Counts(counts::<Int8Type>(array, i64::from)),
            DataType::Int16 => Cells::Counts(counts::<Int16Type>(array, i64::from)),
            DataType::Int32 => Cells::Counts(counts::<Int32Type>(array, i64::from)),
            DataType::Int64 => Cells::Counts(counts::<Int64Type>(array, |count| count)),
            DataType::UInt8 => Cells::Counts(counts::<UInt8Type>(array, i64::from)),
            DataType::UInt16 => Cells::Counts(counts::<UInt16Type>(array, i64::from)),
            DataType::UInt32 => Cells::Counts(counts::<UInt32Type>(array, i64::from)),
            DataType::Float16 => Cells::Numbers(floats::<Float16Type>(array, |value| value.to_f64())),
            DataType::Decimal32(_, scale) => {
                let by = 10_f64.powi(i32::from(*scale));
                Cells::Numbers(floats::<Decimal32Type>(array, |value| f64::from(value) / by))
            }
            DataType::Decimal64(_, scale) => {
                let by = 10_f64.powi(i32::from(*scale));
                Cells::Numbers(floats::<Decimal64Type>(array, |value| value as f64 / by))
            }
            DataType::Decimal128(_, scale) => {
                let by = 10_f64.powi(i32::from(*scale));
                Cells::Numbers(floats::<Decimal128Type>(array, |value| value as f64 / by))
            }
            DataType::Utf8 => Cells::Texts(array.as_string::<i32>().iter().map(owned).collect()),
            DataType::LargeUtf8 => Cells::Texts(array.as_string::<i64>().iter().map(owned).collect()),
            DataType::Utf8View => Cells::Texts(array.as_string_view().iter().map(owned).collect()),
            DataType::Dictionary(key, _) => match key.as_ref() {
                DataType::Int8 => Self::of_dictionary::<Int8Type>(array),
                DataType::Int16 => Self::of_dictionary::<Int16Type>(array),
                DataType::Int32 => Self::of_dictionary::<Int32Type>(array),
                DataType::Int64 => Self::of_dictionary::<Int64Type>(array),
                DataType::UInt8 => Self::of_dictionary::<UInt8Type>(array),
                DataType::UInt16 => Self::of_dictionary::<UInt16Type>(array),
                DataType::UInt32 => Self::of_dictionary::<UInt32Type>(array),
                DataType::UInt64 => Self::of_dictionary::<UInt64Type>(array),
                _ => Cells::Other,
            },
            _ => match numbers("", array) {
                Ok(numbers) => Cells::Numbers(numbers.to_vec()),
                Err(_) => Cells::Other,
            },
        }
    }

    fn of_dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Self {
        let dictionary = array.as_dictionary::<K>();
        let keys: Vec<Option<usize>> = dictionary.keys_iter().collect();
        fn spread<T: Clone>(keys: &[Option<usize>], values: &[T], none: T) -> Vec<T> {
            keys.iter().map(|key| key.and_then(|key| values.get(key)).cloned().unwrap_or(none.clone())).collect()
        }
        match Self::of(dictionary.values()) {
            Cells::Moments(values) => Cells::Moments(spread(&keys, &values, None)),
            Cells::Counts(values) => Cells::Counts(spread(&keys, &values, None)),
            Cells::Numbers(values) => Cells::Numbers(spread(&keys, &values, f64::NAN)),
            Cells::Texts(values) => Cells::Texts(spread(&keys, &values, None)),
            Cells::Other => Cells::Other,
        }
    }

    /// A cell as text, where it is to be read as one.
    fn text(&self, row: usize) -> String {
        match self {
            Cells::Texts(texts) => texts.get(row).cloned().flatten().unwrap_or_default(),
            Cells::Counts(counts) => {
                counts.get(row).copied().flatten().map_or(String::new(), |count| count.to_string())
            }
            Cells::Numbers(numbers) => numbers.get(row).map_or(String::new(), |number| number.to_string()),
            Cells::Moments(_) | Cells::Other => String::new(),
        }
    }

    fn moment(&self, row: usize, time: Option<&Cells>, layout: &Layout) -> Result<Moment, Problem> {
        match self {
            Cells::Moments(moments) => {
                let moment = moments.get(row).copied().flatten();
                moment.map(|moment| layout.settled(moment)).ok_or(Problem::NotADate { text: String::new() })
            }
            _ => layout.moment(&self.text(row), time.map(|time| time.text(row)).as_deref()),
        }
    }

    fn value(&self, row: usize, name: &str, layout: &Layout) -> Result<f64, Problem> {
        match self {
            Cells::Numbers(numbers) => Ok(numbers.get(row).copied().unwrap_or(f64::NAN)),
            Cells::Counts(counts) => Ok(counts.get(row).copied().flatten().map_or(f64::NAN, |count| count as f64)),
            _ => layout.value(name, &self.text(row)),
        }
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn counts<T: ArrowPrimitiveType>(array: &ArrayRef, count: impl Fn(T::Native) -> i64) -> Vec<Option<i64>> {
    array.as_primitive::<T>().iter().map(|value| value.map(&count)).collect()
}

fn floats<T: ArrowPrimitiveType>(array: &ArrayRef, number: impl Fn(T::Native) -> f64) -> Vec<f64> {
    array.as_primitive::<T>().iter().map(|value| value.map_or(f64::NAN, &number)).collect()
}

/// The clock of a type's timezone; UTC for one that nobody knows.
struct Clockwork(Option<chrono_tz::Tz>);

impl Clockwork {
    fn of(zone: &str) -> Self {
        Self(Calendar::timezone_called(zone).ok())
    }

    fn moment(&self, utc: i64) -> Moment {
        let ahead = self.0.and_then(|zone| {
            let naive = chrono::DateTime::from_timestamp_micros(utc)?.naive_utc();
            Some(i64::from(zone.offset_from_utc_datetime(&naive).fix().local_minus_utc()))
        });
        Moment::Instant { utc, local: utc + ahead.unwrap_or(0) * Timestamp::SECOND }
    }
}

/// The rows of a Parquet or Arrow file.
pub(super) struct BatchRows<'a> {
    source: &'a Source,
    layout: &'a Layout,
    reader: Reader<'a>,
    /// Where the columns of the layout stand in a batch.
    places: Vec<usize>,
    cells: Vec<Cells>,
    length: usize,
    row: usize,
    number: usize,
    of: usize,
}

impl<'a> BatchRows<'a> {
    /// The rows from the first on.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn open(source: &'a Source, layout: &'a Layout) -> Result<Self> {
        let beside = [layout.time, layout.symbol].into_iter().flatten();
        let values = layout.values.iter().filter_map(|(_, place)| *place);
        let mut places: Vec<usize> = [layout.timestamp].into_iter().chain(beside).chain(values).collect();
        places.sort_unstable();
        places.dedup();
        let (reader, _) = Reader::open(source, Some(&places))?;
        let of = match source.kind {
            source::Kind::Parquet => {
                ParquetFile::open(&source.path)?.groups().iter().map(|group| group.num_rows()).sum()
            }
            _ => 0,
        };
        let of = usize::try_from(of).unwrap_or_default();
        Ok(Self { source, layout, reader, places, cells: Vec::new(), length: 0, row: 0, number: 0, of })
    }

    fn cells(&self, place: usize) -> Option<&Cells> {
        self.places.binary_search(&place).ok().and_then(|place| self.cells.get(place))
    }

    fn parse(&self, row: &mut RawRow) -> Result<(), Problem> {
        let layout = self.layout;
        let time = layout.time.and_then(|place| self.cells(place));
        let dates = self.cells(layout.timestamp).ok_or(Problem::NotADate { text: String::new() })?;
        row.moment = dates.moment(self.row, time, layout)?;
        row.symbol.clear();
        if let Some(symbols) = layout.symbol.and_then(|place| self.cells(place)) {
            row.symbol.push_str(symbols.text(self.row).trim());
        }
        row.values.clear();
        for (name, place) in &layout.values {
            let cells = place.and_then(|place| self.cells(place));
            row.values.push(cells.map_or(Ok(0.0), |cells| cells.value(self.row, name, layout))?);
        }
        Ok(())
    }
}

impl Rows for BatchRows<'_> {
    fn next(&mut self, row: &mut RawRow) -> Result<Step> {
        while self.row == self.length {
            let Some(batch) = self.reader.next(self.source)? else { return Ok(Step::End) };
            self.cells = batch.columns().iter().map(Cells::of).collect();
            (self.length, self.row) = (batch.num_rows(), 0);
        }
        self.number += 1;
        row.number = self.number;
        let parsed = self.parse(row);
        self.row += 1;
        Ok(parsed.map_or_else(Step::Wrong, |()| Step::Row))
    }

    /// As many as the rows that were read are a part of all.
    fn bytes(&self) -> u64 {
        let part = if self.of == 0 { 0.0 } else { self.number as f64 / self.of as f64 };
        (self.source.length as f64 * part) as u64
    }
}

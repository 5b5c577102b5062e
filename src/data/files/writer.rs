//! Bars written a stretch at a time, and stretches of another file taken over as they are.

use std::fs::File;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::writer::SerializedFileWriter;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::data::Field;
use crate::data::files::parquet::properties;
use crate::data::files::shared::SharedFile;
use crate::data::files::unusable;
use crate::error::{Diagnostic, Origin, Result};

/// Columns of bars that grow: opening instants, the five, and those beside them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::data) struct Columns {
    /// µs UTC.
    pub timestamps: Vec<i64>,
    pub values: Vec<Vec<f64>>,
}

impl Columns {
    /// No rows, with so many columns beside the five.
    pub fn new(extra: usize) -> Self {
        Self { timestamps: Vec::new(), values: vec![Vec::new(); Field::ALL.len() + extra] }
    }

    pub fn push(&mut self, timestamp: i64, values: &[f64]) {
        self.timestamps.push(timestamp);
        self.values.iter_mut().zip(values).for_each(|(column, value)| column.push(*value));
    }

    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// The rows, and none left.
    pub fn take(&mut self) -> Self {
        let empty = Self::new(self.values.len() - Field::ALL.len());
        mem::replace(self, empty)
    }
}

/// The schema of bars with some columns beside the five.
fn bars_schema(extra: &[String]) -> SchemaRef {
    let instants = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let names = Field::ALL.iter().map(|field| field.name()).chain(extra.iter().map(String::as_str));
    let columns = names.map(|name| ArrowField::new(name, DataType::Float64, false));
    let fields: Vec<ArrowField> = [ArrowField::new("timestamp", instants, false)].into_iter().chain(columns).collect();
    Arc::new(Schema::new(fields))
}

/// A Parquet file of bars that is being written.
pub(in crate::data) struct BarsWriter {
    path: PathBuf,
    schema: SchemaRef,
    file: SerializedFileWriter<File>,
    rows: usize,
}

impl BarsWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(path: &Path, extra: &[String]) -> Result<Self> {
        let schema = bars_schema(extra);
        let begin = || {
            let properties = properties(&schema)?;
            let root = ArrowSchemaConverter::new().convert(&schema)?.root_schema_ptr();
            SerializedFileWriter::new(File::create(path)?, root, Arc::new(properties))
        };
        let file = begin().map_err(|error| unwritable(path, error))?;
        Ok(Self { path: path.into(), schema, file, rows: 0 })
    }

    /// Writes some rows as a stretch of their own.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&mut self, columns: Columns) -> Result<()> {
        let rows = columns.len();
        if rows == 0 {
            return Ok(());
        }
        let timestamps = TimestampMicrosecondArray::from(columns.timestamps).with_timezone("UTC");
        let numbers = columns.values.into_iter().map(|column| -> ArrayRef { Arc::new(Float64Array::from(column)) });
        let arrays: Vec<ArrayRef> = [Arc::new(timestamps) as ArrayRef].into_iter().chain(numbers).collect();
        self.write_stretch(arrays).map_err(|error| unwritable(&self.path, error))?;
        self.rows += rows;
        Ok(())
    }

    fn write_stretch(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ParquetError> {
        let factory = ArrowRowGroupWriterFactory::new(&self.file, self.schema.clone());
        let writers = factory.create_column_writers(self.file.flushed_row_groups().len())?;
        let schema = &self.schema;
        let encoded = writers.into_par_iter().zip(arrays).enumerate().map(|(column, (mut writer, array))| {
            for leaf in compute_leaves(schema.field(column), &array)? {
                writer.write(&leaf)?;
            }
            writer.close()
        });
        let encoded: Vec<ArrowColumnChunk> = encoded.collect::<Result<_, ParquetError>>()?;
        let mut stretch = self.file.next_row_group()?;
        for chunk in encoded {
            chunk.append_to_row_group(&mut stretch)?;
        }
        stretch.close().map(drop)
    }

    /// Takes over a stretch of another file of the same columns, byte for byte.
    ///
    /// # Errors
    /// Where one cannot be read or the other written.
    pub fn copy(&mut self, file: &SharedFile, metadata: &ParquetMetaData, stretch: usize) -> Result<()> {
        let mut copy = || {
            let rows = metadata.row_group(stretch);
            let mut writer = self.file.next_row_group()?;
            for (place, column) in rows.columns().iter().enumerate() {
                let index = metadata.page_index();
                let close = ColumnCloseResult {
                    bytes_written: column.compressed_size() as u64,
                    rows_written: rows.num_rows() as u64,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: index.and_then(|index| index.column_index(stretch, place)).cloned(),
                    offset_index: index.and_then(|index| index.offset_index(stretch, place)).cloned(),
                };
                writer.append_column(file, close)?;
            }
            writer.close()?;
            usize::try_from(rows.num_rows()).map_err(|error| ParquetError::External(Box::new(error)))
        };
        self.rows += copy().map_err(|error| unwritable(&self.path, error))?;
        Ok(())
    }

    /// Ends the file and gives the number of its rows; it is on the disk then.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(mut self) -> Result<usize> {
        let mut finish = || -> Result<(), ParquetError> {
            self.file.finish()?;
            Ok(self.file.inner().sync_all()?)
        };
        finish().map_err(|error| unwritable(&self.path, error))?;
        Ok(self.rows)
    }
}

/// What was against writing a file.
fn unwritable(path: &Path, error: ParquetError) -> Diagnostic {
    let full = "make room on the disk; nothing was changed there";
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                unusable(path, "cannot be written", &error).hint(full)
            }
            Ok(error) => unusable(path, "cannot be written", &error),
            Err(other) => Diagnostic::new(format!("the file cannot be written: {other}"))
                .at(Origin::file(path.display().to_string())),
        },
        other => {
            Diagnostic::new(format!("the file cannot be written: {other}")).at(Origin::file(path.display().to_string()))
        }
    }
}

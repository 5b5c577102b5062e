//! Bars in Parquet files that DuckDB, polars and pandas open as they are.

use std::fs::File;
use std::panic::catch_unwind;
use std::path::Path;

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::data::Bars;
use crate::data::file::{replace_file, unusable};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe};

impl Bars {
    /// Writes a Parquet file, whole or not at all. The same bars make the same bytes.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_parquet(&self, path: &Path) -> Result<()> {
        replace_file(path, &parquet_bytes(&self.to_record_batch()?)?)
    }

    /// Reads a Parquet file with the columns that [`Bars::from_record_batch`] takes.
    ///
    /// # Errors
    /// Where the file cannot be read or is no Parquet file; as [`Bars::from_record_batch`].
    pub fn read_parquet(path: &Path, timeframe: Timeframe, calendar: &Calendar) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| unusable(path, "cannot be read", &error))?;
        // The parquet crate panics on some files whose pages contradict one another.
        let read = catch_unwind(|| one_batch(file));
        let read = read.unwrap_or_else(|_| Err(ParquetError::General("its pages contradict one another".into())));
        let batch = read.map_err(|error| {
            Diagnostic::new(format!("this is no Parquet file that can be read: {error}"))
                .hint("it may be cut off or of another format; a CSV comes in with `runner data import`")
                .at(Origin::file(name.as_str()))
        })?;
        Self::from_record_batch(timeframe, calendar, &batch, &name)
    }
}

/// The bytes of a Parquet file with one record batch: zstd, and nothing that differs from one run to
/// the next.
///
/// # Errors
/// Where the batch has a type that Parquet does not know.
pub fn parquet_bytes(batch: &RecordBatch) -> Result<Vec<u8>> {
    let write = || {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
            .set_created_by(env!("CARGO_PKG_NAME").into())
            .build();
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)?;
        writer.write(batch)?;
        writer.into_inner()
    };
    write().map_err(|error: ParquetError| Diagnostic::new(format!("the columns make no Parquet file: {error}")))
}

/// The whole file as one batch, so that its columns can be shared without a copy.
fn one_batch(file: File) -> Result<RecordBatch, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let schema = builder.schema().clone();
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows())?;
    let mut reader = builder.with_batch_size(rows.max(1)).build()?;
    let batch = reader.next().transpose()?.unwrap_or_else(|| RecordBatch::new_empty(schema));
    if batch.num_rows() == rows {
        return Ok(batch);
    }
    Err(ParquetError::EOF(format!("{} rows where the file's footer names {rows}", batch.num_rows())))
}

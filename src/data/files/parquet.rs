//! Bars in Parquet files that DuckDB, polars and pandas open as they are.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::{Array, ArrayRef, RecordBatch, new_empty_array};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::data::Bars;
use crate::data::files::{replace_file, unusable};
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
        Self::from_record_batch(timeframe, calendar, &read_batch(path)?, &path.display().to_string())
    }
}

/// A whole Parquet file as one record batch.
///
/// # Errors
/// Where the file cannot be read or is no Parquet file.
pub(in crate::data) fn read_batch(path: &Path) -> Result<RecordBatch> {
    let file = File::open(path).map_err(|error| unusable(path, "cannot be read", &error))?;
    whole(&file, path).map_err(|error| {
        Diagnostic::new(format!("this is no Parquet file that can be read: {error}"))
            .hint("it may be cut off or of another format; a CSV comes in with `runner data import`")
            .at(Origin::file(path.display().to_string()))
    })
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

/// The whole file as one batch, so that its columns can be shared without a copy. Columns are read
/// beside one another, on as many threads as there are.
fn whole(file: &File, path: &Path) -> Result<RecordBatch, ParquetError> {
    let metadata = guarded(|| ArrowReaderMetadata::load(file, ArrowReaderOptions::default()))?;
    let rows = usize::try_from(metadata.metadata().file_metadata().num_rows())?;
    let columns = 0..metadata.schema().fields().len();
    // A handle for each: a copy of one would share its place in the file.
    let read = |column| guarded(|| one_column(File::open(path)?, &metadata, column, rows));
    let arrays = columns.into_par_iter().map(read).collect::<Result<Vec<ArrayRef>, _>>()?;
    Ok(RecordBatch::try_new(metadata.schema().clone(), arrays)?)
}

fn one_column(
    file: File,
    metadata: &ArrowReaderMetadata,
    column: usize,
    rows: usize,
) -> Result<ArrayRef, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone());
    let mask = ProjectionMask::roots(builder.parquet_schema(), [column]);
    let mut reader = builder.with_projection(mask).with_batch_size(rows.max(1)).build()?;
    let array = match reader.next().transpose()? {
        Some(batch) => batch.column(0).clone(),
        None => new_empty_array(metadata.schema().field(column).data_type()),
    };
    if array.len() == rows {
        return Ok(array);
    }
    Err(ParquetError::EOF(format!("{} rows where the file's footer names {rows}", array.len())))
}

/// The parquet crate panics on some files whose pages contradict one another.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    let contradiction = |_| Err(ParquetError::General("its pages contradict one another".into()));
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(contradiction)
}

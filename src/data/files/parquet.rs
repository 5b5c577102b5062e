//! Bars in Parquet files that DuckDB, polars and pandas open as they are.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use crate::data::Bars;
use crate::data::files::replace_file;
use crate::error::{Diagnostic, Result};

impl Bars {
    /// Writes a Parquet file, whole or not at all. The same bars make the same bytes.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_parquet(&self, path: &Path) -> Result<()> {
        replace_file(path, &parquet_bytes(&self.to_record_batch()?)?)
    }
}

/// The bytes of a Parquet file with one record batch: zstd, with statistics and an index of its pages, and nothing
/// that differs from one run to the next.
///
/// # Errors
/// Where the batch has a type that Parquet does not know.
pub fn parquet_bytes(batch: &RecordBatch) -> Result<Vec<u8>> {
    let write = || {
        let options =
            ArrowWriterOptions::new().with_properties(properties(&batch.schema())?).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)?;
        writer.write(batch)?;
        writer.into_inner()
    };
    write().map_err(|error: ParquetError| Diagnostic::new(format!("the columns make no Parquet file: {error}")))
}

/// How many rows stand together in a file: a quarter of a year of one-minute bars.
pub(in crate::data) const GROUP: usize = 1 << 17;

/// How files are laid out: row groups that a range of time can skip, and timestamps as differences.
pub(super) fn properties(schema: &Schema) -> Result<WriterProperties, ParquetError> {
    /// What a range of time is rounded up to: less than a week of one-minute bars.
    const PAGE: usize = 1 << 13;
    /// Whoever reads one page reads the column's dictionary too. Prices in ticks need a small one, and others none.
    const DICTIONARY: usize = 1 << 17;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(GROUP))
        .set_data_page_row_count_limit(PAGE)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_created_by(env!("CARGO_PKG_NAME").into());
    let timestamp = ColumnPath::from("timestamp");
    let properties = match schema.fields().first() {
        Some(first) if first.name() == "timestamp" && first.data_type().is_temporal() => properties
            .set_column_dictionary_enabled(timestamp.clone(), false)
            .set_column_encoding(timestamp, Encoding::DELTA_BINARY_PACKED)
            .set_sorting_columns(Some(vec![SortingColumn { column_idx: 0, descending: false, nulls_first: false }])),
        _ => properties,
    };
    Ok(properties.build())
}

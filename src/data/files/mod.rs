//! Bars as files and as Arrow columns, and files that are written whole or not at all.

#[cfg(feature = "arrow2")]
#[allow(unsafe_code)] // The C data interface is unsafe; each use says why it is sound.
pub mod arrow2;
mod batch;
mod parquet;
mod reading;
mod replace;
mod shared;
mod writer;

pub(in crate::data) use batch::{column_name, examined, five, instants, numbers, require_columns};
pub(in crate::data) use parquet::GROUP;
pub use parquet::parquet_bytes;
pub(in crate::data) use reading::{Batches, ParquetFile, guarded, read_batch};
pub(in crate::data) use replace::unusable;
pub use replace::{replace_file, sha256, sha256_of_file};
pub(in crate::data) use writer::{BarsWriter, Columns};

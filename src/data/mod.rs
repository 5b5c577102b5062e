//! Market data: bars, where they are kept, and how they come in.

mod adjust;
#[cfg(feature = "arrow2")]
#[allow(unsafe_code)] // The C data interface is unsafe; each use says why it is sound.
pub mod arrow2;
mod bars;
mod batch;
mod catalog;
mod csv;
mod file;
mod import;
mod manifest;
mod memory;
mod parquet;
mod pattern;
mod quality;
mod resample;

pub use adjust::Adjust;
pub use bars::{Bars, Column, Field, Instrument};
pub use catalog::{Catalog, FileHash, Fingerprint};
pub use file::{replace_file, sha256, sha256_of_file};
pub use import::{Import, Imported, Mode};
pub use manifest::{Manifest, Stated};
pub use memory::prefer_large_pages;
pub use parquet::parquet_bytes;
pub use pattern::Pattern;
pub use quality::Fault;

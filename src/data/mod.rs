//! Market data: bars, where they are kept, and how they come in.

mod adjust;
mod bars;
mod catalog;
mod files;
mod import;
mod memory;
mod quality;
mod resample;

pub use adjust::Adjust;
pub use bars::{Bars, Column, Field, Instrument};
pub use catalog::{About, Catalog, Dataset, FileHash, Fingerprint, Manifest, Merge, Pattern, Stated, Stored};
#[cfg(feature = "arrow2")]
pub use files::arrow2;
pub use files::{parquet_bytes, replace_file, sha256, sha256_of_file};
pub use import::{DateFormat, Decimal, FileRead, Import, Mode, Progress, Reading, Staged, Stamp, Understanding};
pub use memory::prefer_large_pages;
pub use quality::Fault;

//! What there is: datasets below a folder, their `dataset.toml`, patterns over their instruments, and how
//! bars are put into them.

mod check;
mod dataset;
mod datasets;
mod join;
mod manifest;
mod pattern;
mod staging;

pub use check::{Checked, MonthOfBars};
pub use dataset::{About, Dataset, Stored};
pub use datasets::{Catalog, FileHash, Fingerprint};
pub(in crate::data) use datasets::{entries, parquet_name, parquet_path, sha256_as_recorded};
pub use join::Merge;
pub use manifest::{Manifest, Stated};
pub use pattern::Pattern;
pub(in crate::data) use staging::Staging;

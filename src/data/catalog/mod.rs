//! What there is: datasets below a folder, their `dataset.toml`, patterns over their instruments, and how
//! bars are put into them.

mod dataset;
mod datasets;
mod manifest;
mod merge;
mod pattern;

pub use dataset::{About, Dataset, Stored};
pub use datasets::{Catalog, FileHash, Fingerprint};
pub(in crate::data) use datasets::{parquet_name, parquet_path};
pub use manifest::{Manifest, Stated};
pub use merge::Merge;
pub use pattern::Pattern;

//! What there is: datasets below a folder, their `dataset.toml`, and patterns over their instruments.

mod datasets;
mod manifest;
mod pattern;

pub use datasets::{Catalog, FileHash, Fingerprint};
pub(in crate::data) use datasets::{check_recorded, entries, parquet_name, parquet_path};
pub use manifest::{Manifest, Stated};
pub use pattern::Pattern;

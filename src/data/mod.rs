//! Market data: bars, where they are kept, and how they come in.

mod actions;
mod adjust;
mod bars;
mod catalog;
mod column;
mod external;
mod extremes;
#[cfg(feature = "fetch")]
pub mod fetch;
mod files;
mod import;
mod instants;
mod lazy;
mod memory;
mod quality;
mod resample;
pub mod synth;

pub use actions::Action;
pub(crate) use actions::SPLIT_FACTOR;
pub use adjust::Adjust;
pub use bars::{Bars, Field, Instrument};
pub use catalog::{
    About, Catalog, Checked, Dataset, FileHash, Fingerprint, Manifest, Merge, MonthOfBars, Pattern, Stated, Stored,
};
pub use column::Column;
pub use external::{
    CheckedSeries, External, ExternalSource, ImportedSeries, Missing, Releases, Revisions, SeriesImport,
};
pub use extremes::{highest, lowest};
#[cfg(feature = "arrow2")]
pub use files::arrow2;
pub use files::{parquet_bytes, replace_file, sha256, sha256_of_file};
pub use import::{DateFormat, Decimal, FileRead, Import, Mode, Progress, Reading, Staged, Stamp, Understanding};
pub use instants::Instants;
pub use lazy::Lazy;
pub use memory::{long_vector, zeros};
pub use quality::Fault;

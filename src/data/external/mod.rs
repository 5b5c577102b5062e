//! External series: figures from outside the market, each with the instant from which it could be known.
//!
//! A file is a list of releases. Each has a `timestamp` (what the figure is about), an `available_at` (when it
//! could be known) and columns of numbers. Only `available_at` decides what is seen.
//!
//! - A release says what the figures of its timestamp are from its `available_at` on.
//! - The value of a series at an instant is that of the latest timestamp known by then. A release of an older
//!   timestamp changes the past that the series then looks back upon, not its present value.
//! - A series has a past for each instant: the figures of every timestamp as they were known then. `x[12]` and
//!   indicators read that past. So after a revision they give what they would give to someone who looks the
//!   figures up at that instant.
//!
//! [`External`] lays this out in rows, so that whatever computes over bars computes over them.

mod catalog;
mod check;
mod file;
mod history;
mod import;
mod releases;
mod rows;
mod source;
mod words;

pub use check::CheckedSeries;
pub use history::External;
pub use import::{ImportedSeries, SeriesImport};
pub use releases::Releases;
pub use source::{ExternalSource, Missing, Revisions};

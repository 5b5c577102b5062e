//! How bars come in from files of other people.
//!
//! [`Import`] says what is to come in. Each file is *understood* ([`Understanding`]: what divides its cells, what
//! its columns are, how its dates are written), then read row by row; rows are put in order, given their
//! instants, checked, and written beside the dataset. [`Staged`] is the outcome, which a person may look at
//! before it becomes part of the dataset.

mod arrow_file;
mod batches;
mod clock;
mod columns;
mod csv;
mod dates;
mod lines;
mod numbers;
mod read;
mod request;
mod rows;
mod source;
mod track;
mod understand;
mod understanding;
mod unit;

pub use clock::Stamp;
pub use dates::DateFormat;
pub use numbers::Decimal;
pub use read::{FileRead, Progress, Staged};
pub use request::{Import, Mode};
pub use understand::Reading;
pub use understanding::Understanding;

//! How bars come in from files of other people.

mod columns;
mod csv;
mod dates;
mod numbers;
mod request;

pub use dates::DateFormat;
pub use numbers::Decimal;
pub use request::{Import, Imported, Mode};

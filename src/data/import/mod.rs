//! How bars come in from files of other people.

mod csv;
mod request;

pub use request::{Import, Imported, Mode};

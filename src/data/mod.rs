//! Market data: bars, where they are kept, and how they come in.

mod bars;

pub use bars::{Bars, Column, Field, Instrument};

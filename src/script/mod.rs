//! The script host: turns a [Rhai](https://rhai.rs) script into a [`Strategy`](crate::strategy::Strategy) and leaves.
//!
//! Nothing else in the crate knows of Rhai. A script runs once, to declare: its values are
//! expressions, and no interpreter runs per bar. Every node of the registry is a function of the
//! script, bound by its Spec alone.
//!
//! What goes wrong is a [`Diagnostic`](crate::error::Diagnostic) with its file, line and column.
//! The script is caged: it reads no file but modules below its own folder, knows no clock and no
//! randomness, and may not run, grow or nest without end. What it prints goes to the standard error
//! stream, and to no result.

mod across;
mod compile;
mod definitions;
mod engine;
mod errors;
mod evaluate;
mod external;
mod functions;
mod habits;
mod host;
mod labels;
mod lists;
mod members;
mod modules;
mod nodes;
mod operators;
mod orders;
mod parameter;
mod parse_errors;
mod places;
mod position;
mod reference;
mod scan;
mod setting;
mod text;
mod value;

pub use compile::{Options, compile, load};
pub use definitions::definitions;
pub use functions::{Function, functions};
pub use reference::{reference_families, reference_page};
pub use setting::Setting;

//! What goes wrong and how a person is told: what, where, and what to do next.

mod diagnostic;
mod render;

pub use diagnostic::{Caller, Diagnostic, Origin, Result, all, nearest};
pub use render::render;

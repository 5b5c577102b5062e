//! What goes wrong and how a person is told: what, where, and what to do next.

mod diagnostic;
mod render;

pub use diagnostic::{Diagnostic, Origin, Result, nearest};
pub use render::render;

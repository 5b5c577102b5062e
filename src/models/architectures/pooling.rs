//! What a head sees of the steps of a window.

use crate::error::Result;
use crate::expr::Arguments;

/// What a head sees of the steps of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// The last step.
    Last,
    /// All steps, weighed by attention.
    Attention,
}

impl Pooling {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["last", "attention"];

    pub(super) fn read(arguments: &Arguments) -> Result<Self> {
        Ok(match arguments.text("pooling")? {
            "attention" => Pooling::Attention,
            _ => Pooling::Last,
        })
    }
}

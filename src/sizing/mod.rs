//! Sizers: how many units to trade. One file each.
//!
//! A size is resolved at the fill, at the fill's price. The broker then caps it by what cash and
//! leverage allow, commission included, and rounds it down to the account's lot.

mod cash;
mod exposure;
mod percent;
mod risk;
mod units;

use crate::error::Result;
use crate::node::Registry;
#[cfg(test)]
use crate::node::{Side, SizingContext};

/// Adds every built-in sizer.
///
/// # Errors
/// Where a name is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    for node in [cash::NODE, exposure::NODE, percent::NODE, risk::NODE, units::NODE] {
        registry.add_sizer(node)?;
    }
    Ok(())
}

/// What a sizer may know, for the sizers' tests.
#[cfg(test)]
fn context(price: f64, equity: f64, stop_distance: Option<f64>) -> SizingContext {
    SizingContext { side: Side::Long, price, equity, base: equity, stop_distance }
}

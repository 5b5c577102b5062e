//! Sizers: how many units to trade. One file each.
//!
//! A size is resolved at the fill, at the fill's price. The broker then caps it by what cash and
//! leverage allow, commission included, and rounds it down to the account's lot.

mod cap;
mod cash;
mod equal_weight;
mod exposure;
mod inverse_volatility;
mod kelly;
mod percent;
mod risk;
mod units;
mod volatility_target;

use crate::error::Result;
use crate::node::Registry;
#[cfg(test)]
use crate::node::{PastTrades, Side, SizingContext};

/// Adds every built-in sizer.
///
/// # Errors
/// Where a name is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    let shares = [equal_weight::NODE, exposure::NODE, inverse_volatility::NODE, kelly::NODE, percent::NODE];
    for node in shares.into_iter().chain([cash::NODE, risk::NODE, units::NODE, volatility_target::NODE]) {
        registry.add_sizer(node)?;
    }
    Ok(())
}

/// What a sizer may know, for the sizers' tests.
#[cfg(test)]
fn context(price: f64, equity: f64, stop_distance: Option<f64>) -> SizingContext<'static> {
    let (side, past) = (Side::Long, PastTrades::default());
    SizingContext { side, price, equity, base: equity, stop_distance, instruments: 1, past, peers: &[] }
}

//! Volatility: how far the price swings.

mod adr;
mod atr;
mod cvi;
mod massi;
mod natr;
mod rvi;
mod trange;

use crate::node::IndicatorNode;

pub use atr::Atr;
pub use trange::true_range;

pub(super) const NODES: &[IndicatorNode] =
    &[adr::NODE, atr::NODE, cvi::NODE, massi::NODE, natr::NODE, rvi::NODE, trange::NODE];

//! Volatility: how far the price swings.

mod adr;
mod atr;
mod massi;
mod natr;
mod trange;

use crate::node::IndicatorNode;

pub use atr::Atr;
pub use trange::true_range;

pub(super) const NODES: &[IndicatorNode] = &[adr::NODE, atr::NODE, massi::NODE, natr::NODE, trange::NODE];

//! Volatility: how far the price swings.

mod atr;
mod natr;
mod trange;

use crate::node::IndicatorNode;

pub use trange::true_range;

pub(super) const NODES: &[IndicatorNode] = &[atr::NODE, natr::NODE, trange::NODE];

//! Momentum: how fast and how surely the price moves.

mod adx;
mod directional;
mod log_returns;
mod macd;
mod returns;
mod roc;
mod rsi;
mod stoch;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] =
    &[adx::NODE, log_returns::NODE, macd::NODE, returns::NODE, roc::NODE, rsi::NODE, stoch::NODE];

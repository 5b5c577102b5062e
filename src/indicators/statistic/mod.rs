//! Statistics of a window.

mod highest;
mod lowest;
mod stddev;
mod zscore;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[highest::NODE, lowest::NODE, stddev::NODE, zscore::NODE];

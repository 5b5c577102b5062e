//! Prices made of the prices of one bar.

mod typprice;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[typprice::NODE];

//! Volume: what the units traded say of the price.

mod obv;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[obv::NODE];

//! Prices made of the prices of one bar.

mod avgprice;
mod ha;
mod medprice;
mod pivot;
mod typprice;
mod wclprice;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] =
    &[avgprice::NODE, ha::NODE, medprice::NODE, pivot::NODE, typprice::NODE, wclprice::NODE];

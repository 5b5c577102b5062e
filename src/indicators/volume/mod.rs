//! Volume: what the units traded say of the price.

mod ad;
mod adosc;
mod cmf;
mod efi;
mod flow;
mod obv;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[ad::NODE, adosc::NODE, cmf::NODE, efi::NODE, obv::NODE];

//! Volume: what the units traded say of the price.

mod ad;
mod adosc;
mod anchored_vwap;
mod cmf;
mod efi;
mod flow;
mod nvi;
mod obv;
mod pvi;
mod pvt;
mod rvol;
mod session_vwap;
mod weighted;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    ad::NODE,
    adosc::NODE,
    anchored_vwap::NODE,
    cmf::NODE,
    efi::NODE,
    nvi::NODE,
    obv::NODE,
    pvi::NODE,
    pvt::NODE,
    rvol::NODE,
    session_vwap::NODE,
];

//! Volume: what the units traded say of the price.

mod ad;
mod adosc;
mod anchored_vwap;
mod cmf;
mod efi;
mod flow;
mod marketfi;
mod nvi;
mod obv;
mod pvi;
mod pvo;
mod pvt;
mod rvol;
mod session_vwap;
mod vwap;
mod weighted;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    ad::NODE,
    adosc::NODE,
    anchored_vwap::NODE,
    cmf::NODE,
    efi::NODE,
    marketfi::NODE,
    nvi::NODE,
    obv::NODE,
    pvi::NODE,
    pvo::NODE,
    pvt::NODE,
    rvol::NODE,
    session_vwap::NODE,
    vwap::NODE,
];

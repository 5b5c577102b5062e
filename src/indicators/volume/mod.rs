//! Volume: what the units traded say of the price.

mod ad;
mod adosc;
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
mod vwap;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    ad::NODE,
    adosc::NODE,
    cmf::NODE,
    efi::NODE,
    marketfi::NODE,
    nvi::NODE,
    obv::NODE,
    pvi::NODE,
    pvo::NODE,
    pvt::NODE,
    rvol::NODE,
    vwap::NODE,
];

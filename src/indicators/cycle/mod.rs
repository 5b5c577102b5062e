//! Cycles in the price, by Ehlers' Hilbert transform. One engine measures for all of them. Whatever
//! adds up a whole cycle adds 50 bars at most, so every machine is O(1) a bar.

mod hilbert;
mod ht_dcperiod;
mod ht_dcphase;
mod ht_phasor;
mod ht_sine;
mod ht_trendline;
mod ht_trendmode;
mod mama;
mod phase;
mod recent;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    ht_dcperiod::NODE,
    ht_dcphase::NODE,
    ht_phasor::NODE,
    ht_sine::NODE,
    ht_trendline::NODE,
    ht_trendmode::NODE,
    mama::NODE,
];

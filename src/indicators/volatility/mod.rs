//! Volatility: how far the price swings.

mod adr;
mod atr;
mod choppiness;
mod cvi;
mod garman_klass;
mod massi;
mod natr;
mod parkinson;
mod rogers_satchell;
mod rvi;
mod trange;
mod yang_zhang;

use crate::node::IndicatorNode;

pub use atr::Atr;
pub use trange::true_range;

pub(super) const NODES: &[IndicatorNode] = &[
    adr::NODE,
    atr::NODE,
    choppiness::NODE,
    cvi::NODE,
    garman_klass::NODE,
    massi::NODE,
    natr::NODE,
    parkinson::NODE,
    rogers_satchell::NODE,
    rvi::NODE,
    trange::NODE,
    yang_zhang::NODE,
];

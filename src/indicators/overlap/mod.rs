//! Moving averages and bands: what lies over the price.

mod bbands;
mod dema;
mod ema;
mod kama;
mod rma;
mod sma;
mod t3;
mod tema;
mod trima;
mod wma;

pub use dema::Dema;
pub use ema::Ema;
pub use kama::Kama;
pub use rma::Rma;
pub use sma::Sma;
pub use t3::T3;
pub use tema::Tema;
pub use trima::Trima;
pub use wma::Wma;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    bbands::NODE,
    dema::NODE,
    ema::NODE,
    kama::NODE,
    rma::NODE,
    sma::NODE,
    t3::NODE,
    tema::NODE,
    trima::NODE,
    wma::NODE,
];

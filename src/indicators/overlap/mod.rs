//! Moving averages and bands: what lies over the price.

mod accbands;
mod bbands;
mod dema;
mod donchian;
mod ema;
mod hma;
mod kama;
mod kc;
mod ma;
mod mavp;
mod midpoint;
mod midprice;
mod parabolic;
mod rma;
mod sar;
mod sarext;
mod sma;
mod supertrend;
mod t3;
mod tema;
mod trima;
mod vwma;
mod wma;
mod zlema;

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
    accbands::NODE,
    bbands::NODE,
    dema::NODE,
    donchian::NODE,
    ema::NODE,
    hma::NODE,
    kama::NODE,
    kc::NODE,
    ma::NODE,
    mavp::NODE,
    midpoint::NODE,
    midprice::NODE,
    rma::NODE,
    sar::NODE,
    sarext::NODE,
    sma::NODE,
    supertrend::NODE,
    t3::NODE,
    tema::NODE,
    trima::NODE,
    vwma::NODE,
    wma::NODE,
    zlema::NODE,
];

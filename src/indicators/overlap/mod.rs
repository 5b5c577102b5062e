//! Moving averages and bands: what lies over the price.

mod accbands;
mod bbands;
mod chande_kroll_stop;
mod chandelier;
mod dema;
mod donchian;
mod ema;
mod hma;
mod ichimoku;
mod kalman_trend;
mod kama;
mod kc;
mod keltner;
mod linearreg_channel;
mod ma;
mod mavp;
mod mcginley;
mod midpoint;
mod midprice;
mod parabolic;
mod rma;
mod sar;
mod sarext;
mod sma;
mod super_smoother;
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
pub use super_smoother::{Smoother, Withheld};
pub use t3::T3;
pub use tema::Tema;
pub use trima::Trima;
pub use wma::Wma;

use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    accbands::NODE,
    bbands::NODE,
    chande_kroll_stop::NODE,
    chandelier::NODE,
    dema::NODE,
    donchian::NODE,
    ema::NODE,
    hma::NODE,
    ichimoku::NODE,
    kalman_trend::NODE,
    kama::NODE,
    kc::NODE,
    keltner::NODE,
    linearreg_channel::NODE,
    ma::NODE,
    mavp::NODE,
    mcginley::NODE,
    midpoint::NODE,
    midprice::NODE,
    rma::NODE,
    sar::NODE,
    sarext::NODE,
    sma::NODE,
    super_smoother::NODE,
    supertrend::NODE,
    t3::NODE,
    tema::NODE,
    trima::NODE,
    vwma::NODE,
    wma::NODE,
    zlema::NODE,
];

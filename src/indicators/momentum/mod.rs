//! Momentum: how fast and how surely the price moves.

mod ac;
mod adx;
mod adxr;
mod ao;
mod apo;
mod aroon;
mod aroonosc;
mod bop;
mod cci;
mod cmo;
mod cmou;
mod coppock;
mod difference;
mod directional;
mod dpo;
mod dx;
mod er;
mod eri;
mod extremes;
mod fosc;
mod fractal;
mod imi;
mod kdj;
mod log_returns;
mod macd;
mod macdext;
mod macdfix;
mod mfi;
mod minus_di;
mod minus_dm;
mod mom;
mod plus_di;
mod plus_dm;
mod ppo;
mod qstick;
mod returns;
mod roc;
mod rocp;
mod rocr;
mod rocr100;
mod rsi;
mod smi;
mod stoch;
mod stochf;
mod stochrsi;
mod trix;
mod tsi;
mod ultosc;
mod vhf;
mod vortex;
mod wad;
mod willr;

use crate::node::IndicatorNode;

pub use ppo::PercentageOscillator;
pub use roc::Roc;

pub(super) const NODES: &[IndicatorNode] = &[
    ac::NODE,
    adx::NODE,
    adxr::NODE,
    ao::NODE,
    apo::NODE,
    aroon::NODE,
    aroonosc::NODE,
    bop::NODE,
    cci::NODE,
    cmo::NODE,
    cmou::NODE,
    coppock::NODE,
    dpo::NODE,
    dx::NODE,
    er::NODE,
    eri::NODE,
    fosc::NODE,
    fractal::NODE,
    imi::NODE,
    kdj::NODE,
    log_returns::NODE,
    macd::NODE,
    macdext::NODE,
    macdfix::NODE,
    mfi::NODE,
    minus_di::NODE,
    minus_dm::NODE,
    mom::NODE,
    plus_di::NODE,
    plus_dm::NODE,
    ppo::NODE,
    qstick::NODE,
    returns::NODE,
    roc::NODE,
    rocp::NODE,
    rocr::NODE,
    rocr100::NODE,
    rsi::NODE,
    smi::NODE,
    stoch::NODE,
    stochf::NODE,
    stochrsi::NODE,
    trix::NODE,
    tsi::NODE,
    ultosc::NODE,
    vhf::NODE,
    vortex::NODE,
    wad::NODE,
    willr::NODE,
];

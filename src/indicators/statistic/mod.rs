//! Statistics of a window.

mod avgdev;
mod beta;
mod correl;
mod cumsum;
mod highest;
mod line;
mod linearreg;
mod linearreg_angle;
mod linearreg_intercept;
mod linearreg_slope;
mod lowest;
mod maxindex;
mod minindex;
mod minmax;
mod minmaxindex;
mod percentile;
mod percentrank;
mod position;
mod stddev;
mod sum;
mod tsf;
mod variance;
mod zscore;

use crate::node::IndicatorNode;

pub use avgdev::deviation;
pub use line::height;

pub(super) const NODES: &[IndicatorNode] = &[
    avgdev::NODE,
    beta::NODE,
    correl::NODE,
    cumsum::NODE,
    highest::NODE,
    linearreg::NODE,
    linearreg_angle::NODE,
    linearreg_intercept::NODE,
    linearreg_slope::NODE,
    lowest::NODE,
    maxindex::NODE,
    minindex::NODE,
    minmax::NODE,
    minmaxindex::NODE,
    percentile::NODE,
    percentrank::NODE,
    stddev::NODE,
    sum::NODE,
    tsf::NODE,
    variance::NODE,
    zscore::NODE,
];

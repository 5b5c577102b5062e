//! Statistics of a window.

mod avgdev;
mod beta;
mod correl;
mod highest;
mod line;
mod linearreg;
mod linearreg_angle;
mod linearreg_intercept;
mod linearreg_slope;
mod lowest;
mod minmax;
mod stddev;
mod sum;
mod tsf;
mod zscore;

use crate::node::IndicatorNode;

pub use avgdev::deviation;

pub(super) const NODES: &[IndicatorNode] = &[
    avgdev::NODE,
    beta::NODE,
    correl::NODE,
    highest::NODE,
    linearreg::NODE,
    linearreg_angle::NODE,
    linearreg_intercept::NODE,
    linearreg_slope::NODE,
    lowest::NODE,
    minmax::NODE,
    stddev::NODE,
    sum::NODE,
    tsf::NODE,
    zscore::NODE,
];

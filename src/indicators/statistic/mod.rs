//! Statistics of a window.

mod avgdev;
mod beta;
mod correl;
mod cumsum;
mod entropy;
mod frac_diff;
mod highest;
mod hurst;
mod kurtosis;
pub mod line;
mod linearreg;
mod linearreg_angle;
mod linearreg_intercept;
mod linearreg_slope;
mod lowest;
mod maxindex;
mod median;
mod minindex;
mod minmax;
mod minmaxindex;
mod percentile;
mod percentrank;
mod position;
mod quantile;
mod skew;
mod stddev;
mod sum;
mod tsf;
mod variance;
mod zscore;

use crate::node::IndicatorNode;

pub use avgdev::Distances;
pub use line::height;

pub(super) const NODES: &[IndicatorNode] = &[
    avgdev::NODE,
    beta::NODE,
    correl::NODE,
    cumsum::NODE,
    entropy::NODE,
    frac_diff::NODE,
    highest::NODE,
    hurst::NODE,
    kurtosis::NODE,
    linearreg::NODE,
    linearreg_angle::NODE,
    linearreg_intercept::NODE,
    linearreg_slope::NODE,
    lowest::NODE,
    maxindex::NODE,
    median::NODE,
    minindex::NODE,
    minmax::NODE,
    minmaxindex::NODE,
    percentile::NODE,
    percentrank::NODE,
    quantile::NODE,
    skew::NODE,
    stddev::NODE,
    sum::NODE,
    tsf::NODE,
    variance::NODE,
    zscore::NODE,
];

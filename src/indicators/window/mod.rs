//! What indicators remember of the bars behind them.

mod aggregate;
mod central;
mod history;
mod lag;
mod sliding;
mod smoothing;
mod sorted;
mod weighted;

pub use aggregate::{Comoments, Latest, Max, Min, Moments, Sum};
pub use central::CentralMoments;
pub use history::{History, sum_of};
pub use lag::Lag;
pub use sliding::{Aggregate, Sliding};
pub use smoothing::{Cascade, Smoothing};
pub use sorted::{Sorted, quantile};
pub use weighted::{LinearWeights, Weighted};

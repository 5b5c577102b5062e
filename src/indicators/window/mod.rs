//! What indicators remember of the bars behind them.

mod aggregate;
mod lag;
mod ordered;
mod sliding;
mod smoothing;
mod weighted;

pub use aggregate::{Comoments, Latest, Max, Min, Moments, Sum};
pub use lag::Lag;
pub use ordered::Ordered;
pub use sliding::{Aggregate, Sliding};
pub use smoothing::Smoothing;
pub use weighted::{LinearWeights, Weighted};

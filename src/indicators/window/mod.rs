//! What indicators remember of the bars behind them.

mod aggregate;
mod central;
mod history;
mod lag;
mod sliding;
mod sorted;

pub use aggregate::{Comoments, Latest, Max, Min, Moments, Sum, Trend};
pub use central::CentralMoments;
pub use history::History;
pub use lag::Lag;
pub use sliding::{Aggregate, Sliding};
pub use sorted::{Sorted, quantile};

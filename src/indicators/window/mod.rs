//! What indicators remember of the bars behind them.

mod aggregate;
mod lag;
mod ordered;
mod sliding;

pub use aggregate::{Comoments, Latest, Max, Min, Moments, Sum, Trend};
pub use lag::Lag;
pub use ordered::Ordered;
pub use sliding::{Aggregate, Sliding};

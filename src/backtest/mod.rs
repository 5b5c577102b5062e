//! The backtest: broker, costs, account and simulator turn signals into trades and equity.

mod result;

pub use result::{Backtest, ExitReason, Trade};

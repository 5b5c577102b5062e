//! Metrics: pure functions of trades and equity.
//!
//! A return is a bar's change of equity as a fraction of the equity before it; the first bar's is
//! measured from the initial cash, so that a backtest of n bars has n returns. What a year holds
//! is told from the timestamps: see [`periods_per_year`]. A figure that is not defined (a ratio to
//! a risk of zero, an average of nothing) is none, and `null` in JSON.

mod drawdown;
mod performance;
mod periods;
mod returns;
mod trading;

pub use drawdown::{Drawdown, maximum_drawdown};
pub use performance::{Metrics, Performance};
pub use periods::periods_per_year;
pub use returns::{annual_growth, downside_risk, returns, sharpe, sortino, volatility};
pub use trading::{Trading, expectancy, profit_factor, win_rate};

/// A figure, unless it is not a number.
fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

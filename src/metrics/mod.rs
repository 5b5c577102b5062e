//! Metrics: pure functions of trades and equity.
//!
//! A return is a bar's change of equity as a fraction of the equity before it; the first bar's is
//! measured from the initial cash, so that a backtest of n bars has n returns. What a year holds
//! is told from the timestamps: see [`periods_per_year`]. A figure that is not defined (a ratio to
//! a risk of zero, an average of nothing) is none, and `null` in JSON.
//!
//! Definitions are those of empyrical and quantstats where they have the figure, with a risk-free rate and
//! a required return of zero, over the bars as they are: those libraries take a bar to be a day. Where theirs
//! is another, the figure's documentation says so. Figures of trades are backtesting.py's, and
//! [`backtesting_py`] gives all of that library's under its own names. Left out are empyrical's
//! `beta_fragility_heuristic` and `gpd_risk_estimates` (an optimiser's answer, not a formula) and the resampled
//! `montecarlo` figures of quantstats.

mod backtesting_py;
mod benchmark;
mod calendar;
mod comoments;
mod curve;
mod distribution;
mod drawdown;
mod drawdowns;
mod gains;
mod groups;
mod moments;
mod performance;
mod periods;
mod ratios;
mod returns;
mod rolling;
mod sums;
mod tails;
mod trading;

pub use backtesting_py::backtesting_py;
pub use benchmark::Benchmark;
pub use calendar::{Period, by_month, by_year};
pub use comoments::{Comoments, autocorrelation};
pub use curve::Curve;
pub use distribution::Distribution;
pub use drawdown::{Drawdown, Falls, drawdowns, maximum_drawdown};
pub use drawdowns::{Drawdowns, WorstDrawdown};
pub use gains::{Gains, kelly};
pub use groups::{Group, by_exit, by_instrument, by_side};
pub use moments::Moments;
pub use performance::{Metrics, Performance};
pub use periods::periods_per_year;
pub use ratios::{Ratios, autocorrelation_penalty};
pub use returns::{annual_growth, returns};
pub use rolling::{Rolling, Spread, rolling_maximum_drawdown, rolling_sharpe};
pub use tails::Tails;
pub use trading::{Trading, geometric_mean, sqn};

/// A figure, unless it is not a number. Zero has no sign: a quotient of nothing by a loss is `0`, not `-0`.
fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value + 0.0)
}

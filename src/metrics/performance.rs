//! Performance: figures of an equity curve, and everything of a backtest together.

use serde::Serialize;

use crate::backtest::Backtest;
use crate::metrics::{
    Trading, annual_growth, defined, maximum_drawdown, periods_per_year, returns, sharpe, sortino, volatility,
};
use crate::time::Timestamp;

/// Figures of an equity curve. All are fractions of one, not percentages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// Final equity over initial, less one.
    pub total_return: f64,
    /// Growth a year at a constant rate; see [`annual_growth`].
    pub cagr: Option<f64>,
    /// Standard deviation of the returns, a year; see [`volatility`].
    pub volatility: Option<f64>,
    /// Mean return over its deviation, a year; see [`sharpe`].
    pub sharpe: Option<f64>,
    /// Mean return over the downside risk, a year; see [`sortino`].
    pub sortino: Option<f64>,
    /// CAGR over the magnitude of the maximum drawdown. None without a drawdown.
    pub calmar: Option<f64>,
    /// The deepest fall from a highest equity: zero or negative.
    pub maximum_drawdown: f64,
    /// Bars from its top until the top was reached again, or to the end.
    pub maximum_drawdown_bars: usize,
    /// The same in days.
    pub maximum_drawdown_days: f64,
}

impl Performance {
    /// The figures of an equity that began at `initial`, with a value at the close of each bar.
    /// What needs to know how long a year is, is none where `periods_per_year` is.
    pub fn of(initial: f64, equity: &[f64], timestamps: &[Timestamp], periods_per_year: Option<f64>) -> Self {
        let returns = returns(initial, equity);
        let total_return = equity.last().and_then(|last| defined(last / initial - 1.0)).unwrap_or(0.0);
        let drawdown = maximum_drawdown(initial, equity);
        // A point is the close of the bar before it; the first is the opening of the first bar.
        let time = |point: usize| timestamps.get(point.saturating_sub(1)).map_or(0, |time| time.0);
        let a_year = |figure: fn(&[f64], f64) -> Option<f64>| periods_per_year.and_then(|n| figure(&returns, n));
        let cagr = periods_per_year.and_then(|n| annual_growth(total_return, returns.len(), n));
        Self {
            total_return,
            cagr,
            volatility: a_year(volatility),
            sharpe: a_year(sharpe),
            sortino: a_year(sortino),
            calmar: cagr.and_then(|cagr| defined(cagr / drawdown.depth.abs())),
            maximum_drawdown: drawdown.depth,
            maximum_drawdown_bars: drawdown.end - drawdown.top,
            maximum_drawdown_days: (time(drawdown.end) - time(drawdown.top)) as f64 / Timestamp::DAY as f64,
        }
    }
}

/// Every figure of a backtest. In JSON, performance and trading stand on the top level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Bars of the timeline.
    pub bars: usize,
    /// How many bars a year holds; see [`periods_per_year`].
    pub periods_per_year: Option<f64>,
    /// Cash at the start, in the account's currency.
    pub initial_equity: f64,
    /// Equity at the end, with everything closed, in the account's currency.
    pub final_equity: f64,
    /// Figures of the equity.
    #[serde(flatten)]
    pub performance: Performance,
    /// Figures of the trades.
    #[serde(flatten)]
    pub trading: Trading,
    /// Figures of buying an equal part of each instrument at its first close and holding it.
    pub buy_and_hold: Performance,
}

impl Metrics {
    /// The figures of a backtest.
    pub fn of(backtest: &Backtest) -> Self {
        let Backtest { initial_cash, timestamps, equity, buy_and_hold, .. } = backtest;
        let periods_per_year = periods_per_year(timestamps);
        let performance = |equity| Performance::of(*initial_cash, equity, timestamps, periods_per_year);
        Self {
            bars: timestamps.len(),
            periods_per_year,
            initial_equity: *initial_cash,
            final_equity: equity.last().copied().unwrap_or(*initial_cash),
            performance: performance(equity),
            trading: Trading::of(backtest, periods_per_year),
            buy_and_hold: performance(buy_and_hold),
        }
    }
}

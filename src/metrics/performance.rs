//! Performance: figures of an equity curve, and everything of a backtest together.

use rayon::{join, scope};
use serde::Serialize;

use crate::backtest::Backtest;
use crate::metrics::{
    Benchmark, Curve, Distribution, Drawdowns, Group, Period, Ratios, Rolling, Trading, by_exit, by_instrument,
    by_month, by_side, by_year, defined, periods_per_year,
};

/// Figures of an equity curve. All are fractions of one, not percentages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// Final equity over initial, less one.
    pub total_return: f64,
    /// Growth a year at a constant rate; see [`crate::metrics::annual_growth`].
    pub cagr: Option<f64>,
    /// Standard deviation of the returns, a year; see [`crate::metrics::Moments::volatility`].
    pub volatility: Option<f64>,
    /// Mean return over its deviation, a year; see [`crate::metrics::Moments::sharpe`].
    pub sharpe: Option<f64>,
    /// Mean return over the downside risk, a year; see [`Curve::sortino`].
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
    /// The figures of a curve.
    pub fn of(curve: &Curve<'_>) -> Self {
        let (cagr, deepest) = (curve.cagr(), curve.falls.deepest());
        Self {
            total_return: curve.total_return(),
            cagr,
            volatility: curve.periods_per_year.and_then(|periods| curve.moments.volatility(periods)),
            sharpe: curve.sharpe(),
            sortino: curve.sortino(),
            calmar: cagr.and_then(|cagr| defined(cagr / curve.maximum_drawdown().abs())),
            maximum_drawdown: curve.maximum_drawdown(),
            maximum_drawdown_bars: deepest.map_or(0, |fall| fall.bars()),
            maximum_drawdown_days: deepest.map_or(0.0, |fall| fall.days(curve.timestamps)),
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
    /// The account against buying and holding.
    pub benchmark: Benchmark,
    /// What was earned against one kind of risk or another.
    pub ratios: Ratios,
    /// How the returns of bars are distributed.
    pub distribution: Distribution,
    /// How far equity fell, how often and for how long.
    pub drawdowns: Drawdowns,
    /// Sharpe ratio and drawdown in a window of half a year. None where there are fewer bars.
    pub rolling: Option<Rolling>,
    /// The trades by side.
    pub by_side: Vec<Group>,
    /// The trades by why they ended.
    pub by_exit: Vec<Group>,
    /// The trades by instrument.
    pub by_instrument: Vec<Group>,
    /// Each year.
    pub by_year: Vec<Period>,
    /// Each month.
    pub by_month: Vec<Period>,
}

impl Metrics {
    /// The figures of a backtest. Linear in its bars; nothing of them is sorted.
    pub fn of(backtest: &Backtest) -> Self {
        // On one thread of the pool, which has what a part no longer needs as memory for the next.
        scope(|_| Self::in_parts(backtest))
    }

    fn in_parts(backtest: &Backtest) -> Self {
        let Backtest { initial_cash, timestamps, equity, buy_and_hold, trades, .. } = backtest;
        let periods_per_year = periods_per_year(timestamps);
        // Drawn beside one another.
        join(|| equity.len(), || buy_and_hold.len());
        let curve = |equity| Curve::new(*initial_cash, equity, timestamps, periods_per_year);
        // One after the other: the returns of the first are gone when those of the second come.
        let of_held = Performance::of(&curve(buy_and_hold));
        let account = curve(equity);
        let (benchmark, (by_month, by_year)) = join(
            || Benchmark::of(&account, buy_and_hold),
            || (by_month(&account, buy_and_hold, trades), by_year(&account, buy_and_hold, trades)),
        );
        let of_returns = || {
            let distribution = Distribution::of(&account);
            (Ratios::of(&account, &distribution), distribution)
        };
        let (rolling, (ratios, distribution)) = join(|| Rolling::of(&account), of_returns);
        Self {
            bars: timestamps.len(),
            periods_per_year,
            initial_equity: *initial_cash,
            final_equity: backtest.final_equity,
            performance: Performance::of(&account),
            trading: Trading::of(backtest, periods_per_year),
            buy_and_hold: of_held,
            benchmark,
            ratios,
            distribution,
            drawdowns: Drawdowns::of(&account),
            rolling,
            by_side: by_side(trades),
            by_exit: by_exit(trades),
            by_instrument: by_instrument(backtest),
            by_year,
            by_month,
        }
    }
}

//! An equity curve, with what most of its figures have in common.

use rayon::join;

use crate::metrics::{Falls, Gains, Moments, annual_growth, defined, returns};
use crate::time::Timestamp;

/// An equity curve with its returns, and sums of them that are made once.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// The equity before the first bar, in the account's currency.
    pub initial: f64,
    /// The equity at each bar's close.
    pub equity: &'a [f64],
    /// When each bar opened.
    pub timestamps: &'a [Timestamp],
    /// How many bars a year holds; see [`crate::metrics::periods_per_year`].
    pub periods_per_year: Option<f64>,
    /// The return of each bar.
    pub returns: Vec<f64>,
    /// The moments of the returns.
    pub moments: Moments,
    /// The gains and losses of the returns.
    pub gains: Gains,
    /// The drawdowns.
    pub falls: Falls,
}

impl<'a> Curve<'a> {
    /// The curve of an equity that began at `initial`, with a value at the close of each bar. What
    /// needs to know how long a year is, is none where `periods_per_year` is.
    pub fn new(initial: f64, equity: &'a [f64], timestamps: &'a [Timestamp], periods_per_year: Option<f64>) -> Self {
        let (returns, falls) = join(|| returns(initial, equity), || Falls::of(initial, equity, timestamps));
        let (moments, gains) = join(|| Moments::of(&returns), || Gains::of(&returns));
        Self { initial, equity, timestamps, periods_per_year, returns, moments, gains, falls }
    }

    /// Final equity over initial, less one: 0 without bars.
    pub fn total_return(&self) -> f64 {
        self.equity.last().map_or(0.0, |last| last / self.initial - 1.0)
    }

    /// The sum of the returns: what was earned for every unit that was put in anew each bar.
    pub fn sum_of_returns(&self) -> f64 {
        self.gains.gains - self.gains.losses
    }

    /// Mean return over its standard deviation, a year; see [`Moments::sharpe`].
    pub fn sharpe(&self) -> Option<f64> {
        self.moments.sharpe(self.periods_per_year?)
    }

    /// Mean return a year over [`Self::downside_risk`]; the least acceptable return is zero (as empyrical
    /// and quantstats). None without a loss.
    pub fn sortino(&self) -> Option<f64> {
        defined(self.moments.mean()? * self.periods_per_year? / self.downside_risk()?)
    }

    /// Growth a year; see [`annual_growth`].
    pub fn cagr(&self) -> Option<f64> {
        annual_growth(self.total_return(), self.returns.len(), self.periods_per_year?)
    }

    /// Root of the mean square of the losses, over all returns, a year, as a fraction (as empyrical).
    pub fn downside_risk(&self) -> Option<f64> {
        Some(self.gains.downside_deviation()? * self.periods_per_year?.sqrt())
    }

    /// The depth of the maximum drawdown: zero or negative.
    pub fn maximum_drawdown(&self) -> f64 {
        self.falls.deepest().map_or(0.0, |fall| fall.depth)
    }
}

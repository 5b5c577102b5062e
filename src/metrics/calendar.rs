//! Figures by month and by year.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::backtest::Trade;
use crate::metrics::sums::total;
use crate::metrics::{Curve, Gains, Moments, defined, maximum_drawdown};
use crate::time::Timestamp;

/// Figures of a month or a year: of the bars that opened in it (UTC).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    /// The year.
    pub year: i32,
    /// The month, from 1 to 12; none for a whole year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<u32>,
    /// How many bars opened in it.
    pub bars: usize,
    /// Equity at its end over equity before it, less one. None where that was zero or below.
    pub total_return: Option<f64>,
    /// The same of buying and holding.
    pub buy_and_hold: Option<f64>,
    /// Sharpe ratio of its returns, a year.
    pub sharpe: Option<f64>,
    /// The deepest fall within it: zero or negative. None where equity before it was zero or below.
    pub maximum_drawdown: Option<f64>,
    /// Round trips that ended in it.
    pub trades: usize,
    /// Share of those that earned more than nothing, from 0 to 1.
    pub win_rate: Option<f64>,
    /// What they earned, in the account's currency.
    pub profit: f64,
}

/// The months of a curve, in order, beside the equity of buying and holding, which began with the same. Trades are in
/// the order in which they ended.
pub fn by_month(curve: &Curve<'_>, buy_and_hold: &[f64], trades: &[Trade]) -> Vec<Period> {
    let next = |date: NaiveDate| match date.month() {
        12 => NaiveDate::from_ymd_opt(date.year() + 1, 1, 1),
        month => NaiveDate::from_ymd_opt(date.year(), month + 1, 1),
    };
    let spans = spans(curve.timestamps, next);
    spans.map(|(date, bars)| period(date.year(), Some(date.month()), bars, curve, buy_and_hold, trades)).collect()
}

/// The years of a curve, in order, beside the equity of buying and holding, which began with the same. Trades are in
/// the order in which they ended.
pub fn by_year(curve: &Curve<'_>, buy_and_hold: &[f64], trades: &[Trade]) -> Vec<Period> {
    let spans = spans(curve.timestamps, |date| NaiveDate::from_ymd_opt(date.year() + 1, 1, 1));
    spans.map(|(date, bars)| period(date.year(), None, bars, curve, buy_and_hold, trades)).collect()
}

/// Stretches of bars, each with the date of its first: `next` says at which date one ends. Ends are searched
/// for, not counted to.
pub(super) fn spans(
    timestamps: &[Timestamp],
    next: impl Fn(NaiveDate) -> Option<NaiveDate>,
) -> impl Iterator<Item = (NaiveDate, Range<usize>)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let date = timestamps.get(start)?.date();
        let end = match next(date) {
            Some(next) => {
                let next = Timestamp::midnight(next);
                start + timestamps[start..].partition_point(|time| *time < next)
            }
            None => timestamps.len(),
        };
        let bars = start..end;
        start = end;
        Some((date, bars))
    })
}

fn period(
    year: i32,
    month: Option<u32>,
    bars: Range<usize>,
    curve: &Curve<'_>,
    buy_and_hold: &[f64],
    trades: &[Trade],
) -> Period {
    let before = |equity: &[f64]| {
        let before = bars.start.checked_sub(1).map_or(curve.initial, |bar| equity[bar]);
        (before > 0.0).then_some(before)
    };
    let total_return = |equity: &[f64]| defined(equity[bars.end - 1] / before(equity)? - 1.0);
    let deepest = |before| maximum_drawdown(before, &curve.equity[bars.clone()]).map_or(0.0, |fall| fall.depth);
    let ended = |bar: usize| trades.partition_point(|trade| trade.exit_bar < bar);
    let profits: Vec<f64> = trades[ended(bars.start)..ended(bars.end)].iter().map(|trade| trade.profit).collect();
    let returns = Moments::of(&curve.returns[bars.clone()]);
    Period {
        year,
        month,
        bars: bars.len(),
        total_return: total_return(curve.equity),
        buy_and_hold: total_return(buy_and_hold),
        sharpe: curve.periods_per_year.and_then(|periods| returns.sharpe(periods)),
        maximum_drawdown: before(curve.equity).map(deepest),
        trades: profits.len(),
        win_rate: Gains::of(&profits).win_rate(),
        profit: total(&profits),
    }
}

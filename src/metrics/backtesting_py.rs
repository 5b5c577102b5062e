//! The statistics of backtesting.py under its names, in its units and by its definitions (0.6.6).

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};

use crate::backtest::Trade;
use crate::metrics::calendar::spans;
use crate::metrics::groups::holding_days;
use crate::metrics::sums::mean;
use crate::metrics::trading::exposed_bars;
use crate::metrics::{Comoments, Drawdown, Gains, Moments, defined, drawdowns, geometric_mean, kelly, sqn};
use crate::time::Timestamp;

/// Every statistic that backtesting.py prints, but for the instants `Start` and `End`; none where it prints
/// NaN. What it calls a percentage is one; durations are in days.
///
/// `equity` and `closes` are those of each bar; of `closes` any multiple will do, such as the equity of buying
/// and holding. The risk-free rate is zero. Its own definitions, where they are not those of
/// [`crate::metrics::Metrics`]:
///
/// - returns are of days (of weeks, months or years where bars are so long), and the first bar has none;
/// - a year has 365 days where more than 17 % of the bars lie on weekends, else 252;
/// - `Return (Ann.) [%]` compounds the geometric mean of the returns, `Volatility (Ann.) [%]` their variance;
///   Sharpe, Sortino and Calmar ratio begin with that return;
/// - `CAGR [%]` takes the years from the calendar;
/// - `Alpha [%]` and `Beta` are of logarithmic returns of bars, and alpha is of the whole time;
/// - `Profit Factor` is of the trades' fractions;
/// - a drawdown of the last bar alone counts only where there is no other;
/// - durations are rounded up to the unit of the bars.
pub fn backtesting_py(
    timestamps: &[Timestamp],
    equity: &[f64],
    closes: &[f64],
    trades: &[Trade],
) -> Vec<(&'static str, Option<f64>)> {
    let (Some(first), Some(last)) = (equity.first(), equity.last()) else { return Vec::new() };
    let spacing = Spacing::of(timestamps);
    let duration = timestamps.last().zip(timestamps.first()).map(|(end, start)| (end.0 - start.0) as f64 / DAY);
    let years = duration.filter(|days| *days > 0.0).map(|days| days / 365.25);
    let total = |column: &[f64]| Some((column.last()? - column.first()?) / column.first()? * 100.0);
    let year = Year::of(timestamps, equity, &spacing);
    let falls = Falls::of(equity, timestamps);
    let of_each = |figure: fn(&Trade) -> f64| -> Vec<f64> { trades.iter().map(figure).collect() };
    let (profits, fractions) = (of_each(|trade| trade.profit), of_each(|trade| trade.profit_fraction));
    let (gains, days) = (Gains::of(&profits), of_each(holding_days));
    let beta = beta(equity, closes);
    let percent = |figure: Option<f64>| figure.map(|figure| figure * 100.0);
    let commissions: f64 = trades.iter().map(|trade| trade.commission).sum();
    let all = [
        ("Duration", duration),
        ("Exposure Time [%]", percent(defined(exposed_bars(trades) as f64 / equity.len() as f64))),
        ("Equity Final [$]", Some(*last)),
        ("Equity Peak [$]", equity.iter().copied().reduce(f64::max)),
        ("Commissions [$]", Some(commissions)),
        ("Return [%]", total(equity)),
        ("Buy & Hold Return [%]", total(closes)),
        ("Return (Ann.) [%]", percent(year.growth)),
        ("Volatility (Ann.) [%]", percent(year.volatility)),
        ("CAGR [%]", percent(years.and_then(|years| defined((last / first).powf(1.0 / years) - 1.0)))),
        ("Sharpe Ratio", year.over(year.volatility)),
        ("Sortino Ratio", year.over(year.downside)),
        ("Calmar Ratio", year.over(Some(-falls.deepest))),
        ("Alpha [%]", beta.and_then(|beta| Some(total(equity)? - beta * total(closes)?))),
        ("Beta", beta),
        ("Max. Drawdown [%]", Some(falls.deepest * 100.0)),
        ("Avg. Drawdown [%]", percent(falls.average)),
        ("Max. Drawdown Duration", falls.longest_days.map(|days| spacing.round_up(days))),
        ("Avg. Drawdown Duration", falls.average_days.map(|days| spacing.round_up(days))),
        ("# Trades", Some(trades.len() as f64)),
        ("Win Rate [%]", percent(gains.win_rate())),
        ("Best Trade [%]", percent(fractions.iter().copied().reduce(f64::max))),
        ("Worst Trade [%]", percent(fractions.iter().copied().reduce(f64::min))),
        ("Avg. Trade [%]", percent(compounded(&fractions))),
        ("Max. Trade Duration", days.iter().copied().reduce(f64::max).map(|days| spacing.round_up(days))),
        ("Avg. Trade Duration", mean(&days).map(|days| spacing.round_up(days))),
        ("Profit Factor", Gains::of(&fractions).profit_factor()),
        ("Expectancy [%]", percent(mean(&fractions))),
        ("SQN", sqn(&profits)),
        ("Kelly Criterion", gains.payoff_ratio().and_then(|payoff| kelly(gains.win_rate()?, payoff))),
    ];
    all.into_iter().filter(|(name, figure)| *name != "Commissions [$]" || *figure != Some(0.0)).collect()
}

const DAY: f64 = Timestamp::DAY as f64;

/// The geometric mean; zero where a fraction is -1 or below.
fn compounded(fractions: &[f64]) -> Option<f64> {
    if fractions.iter().any(|fraction| *fraction <= -1.0) { Some(0.0) } else { geometric_mean(fractions) }
}

/// How far apart bars are: the median of the last 99 gaps.
struct Spacing {
    gap: Option<f64>,
}

impl Spacing {
    fn of(timestamps: &[Timestamp]) -> Self {
        let recent = &timestamps[timestamps.len().saturating_sub(100)..];
        let mut gaps: Vec<i64> = recent.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        gaps.sort_unstable();
        let middle = gaps.len() / 2;
        let gap = gaps.get(middle).map(|upper| match gaps.len() % 2 {
            0 => (gaps[middle - 1] + upper) as f64 / 2.0,
            _ => *upper as f64,
        });
        Self { gap }
    }

    /// Whole days from bar to bar.
    fn days(&self) -> Option<i64> {
        self.gap.map(|gap| (gap / DAY).floor() as i64)
    }

    /// Days, rounded up to whole days, hours, minutes or seconds: the smallest unit that the gap needs.
    fn round_up(&self, days: f64) -> f64 {
        let unit = |unit: &f64| self.gap.is_some_and(|gap| gap % (unit * 1e6) == 0.0);
        let Some(unit) = [86_400.0, 3_600.0, 60.0, 1.0].into_iter().find(unit) else { return days };
        let units = days * 86_400.0 / unit;
        // An average of whole units is not to be rounded up for its own rounding.
        let whole = units.round();
        let rounded = if (units - whole).abs() < 1e-9 * whole.max(1.0) { whole } else { units.ceil() };
        rounded * unit / 86_400.0
    }
}

/// Figures of a year, as fractions.
struct Year {
    growth: Option<f64>,
    volatility: Option<f64>,
    downside: Option<f64>,
}

impl Year {
    fn of(timestamps: &[Timestamp], equity: &[f64], spacing: &Spacing) -> Self {
        let weekends = timestamps.iter().filter(|time| matches!(time.date().weekday().number_from_monday(), 6 | 7));
        let has_weekends = weekends.count() as f64 / timestamps.len() as f64 > 2.0 / 7.0 * 0.6;
        let periods = match spacing.days() {
            Some(7) => 52.0,
            Some(31) => 12.0,
            Some(365) => 1.0,
            _ if has_weekends => 365.0,
            _ => 252.0,
        };
        let next = |date: NaiveDate| match spacing.days() {
            Some(7) => date.checked_add_days(Days::new(7 - u64::from(date.weekday().num_days_from_monday()))),
            Some(31) if date.month() < 12 => NaiveDate::from_ymd_opt(date.year(), date.month() + 1, 1),
            Some(31 | 365) => NaiveDate::from_ymd_opt(date.year() + 1, 1, 1),
            _ => date.succ_opt(),
        };
        let last = |(_, bars): (NaiveDate, Range<usize>)| equity[bars.end - 1];
        let levels: Vec<f64> = spans(timestamps, next).map(last).collect();
        let returns: Vec<f64> = levels.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
        let growth = compounded(&returns).map(|mean| 1.0 + mean);
        let variance = Moments::of(&returns).deviation().map(|deviation| deviation * deviation);
        let variance = |growth: f64| Some((variance? + growth * growth).powf(periods) - growth.powf(2.0 * periods));
        Self {
            growth: growth.and_then(|growth| defined(growth.powf(periods) - 1.0)),
            volatility: growth.and_then(variance).and_then(|variance| defined(variance.sqrt())),
            downside: Gains::of(&returns).downside_deviation().map(|deviation| deviation * periods.sqrt()),
        }
    }

    /// The growth over a risk. None where that is zero.
    fn over(&self, risk: Option<f64>) -> Option<f64> {
        defined(self.growth? / risk?)
    }
}

/// Drawdowns of bars' closes.
struct Falls {
    deepest: f64,
    average: Option<f64>,
    longest_days: Option<f64>,
    average_days: Option<f64>,
}

impl Falls {
    fn of(equity: &[f64], timestamps: &[Timestamp]) -> Self {
        let Some((first, rest)) = equity.split_first() else {
            return Self { deepest: 0.0, average: None, longest_days: None, average_days: None };
        };
        // From the first close on, a point is a bar.
        let all: Vec<Drawdown> = drawdowns(*first, rest).collect();
        let long: Vec<&Drawdown> = all.iter().filter(|fall| fall.bars() > 1).collect();
        let days = |fall: &&Drawdown| (timestamps[fall.end].0 - timestamps[fall.top].0) as f64 / DAY;
        let days: Vec<f64> = long.iter().map(days).collect();
        let depths: Vec<f64> = match long.is_empty() {
            true => all.iter().map(|fall| fall.depth).collect(),
            false => long.iter().map(|fall| fall.depth).collect(),
        };
        Self {
            deepest: all.iter().map(|fall| fall.depth).fold(0.0, f64::min),
            average: mean(&depths),
            longest_days: days.iter().copied().reduce(f64::max),
            average_days: mean(&days),
        }
    }
}

/// How much equity moves with the closes: of logarithmic returns. None for fewer than two, and where one is
/// not defined.
fn beta(equity: &[f64], closes: &[f64]) -> Option<f64> {
    let logarithms = |column: &[f64]| -> Vec<f64> { column.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect() };
    let (own, market) = (logarithms(equity), logarithms(closes));
    if own.len() < 2 { None } else { Comoments::of(&own, &market)?.beta() }
}

//! An account beside a benchmark: buying and holding what it trades.

use serde::Serialize;

use crate::metrics::sums::paired_sums;
use crate::metrics::wide::wide;
use crate::metrics::{Comoments, Curve, defined};

/// Differences that deviate by less than this part of the benchmark's deviation are those of rounding.
const ROUNDING: f64 = 1e-12;

/// Figures of an account's returns against those of a benchmark, over the same bars. The risk-free rate
/// is zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Benchmark {
    /// What was earned a year beside what beta times the benchmark earned, as a fraction: the mean of
    /// `return - beta · benchmark`, compounded over a year (as empyrical).
    pub alpha: Option<f64>,
    /// How much the account moves with the benchmark: covariance over the benchmark's variance.
    pub beta: Option<f64>,
    /// Correlation of the returns, from -1 to 1.
    pub correlation: Option<f64>,
    /// Its square: the share of the variance that the benchmark explains, from 0 to 1.
    pub r_squared: Option<f64>,
    /// Standard deviation of the difference of the returns, a year, as a fraction.
    pub tracking_error: Option<f64>,
    /// Mean difference a year over the tracking error. None where the returns are the same but for rounding.
    /// (That of empyrical and quantstats is of a bar: less by the root of the bars of a year.)
    pub information_ratio: Option<f64>,
    /// Mean return a year over beta, as a fraction (Treynor 1965; quantstats puts the total return in its
    /// place).
    pub treynor_ratio: Option<f64>,
    /// Growth a year over the bars on which the benchmark rose, over the benchmark's (as empyrical).
    pub up_capture: Option<f64>,
    /// The same over the bars on which it fell: below 1 where the account fell less.
    pub down_capture: Option<f64>,
    /// Share of the bars on which the account earned more than the benchmark, from 0 to 1 (as empyrical).
    pub batting_average: Option<f64>,
}

impl Benchmark {
    /// The figures of an account's curve against its benchmark's, over the same bars.
    pub fn of(account: &Curve<'_>, benchmark: &Curve<'_>) -> Self {
        let (returns, others) = (&account.returns, &benchmark.returns);
        let a_year = |figure: &dyn Fn(f64) -> Option<f64>| account.periods_per_year.and_then(figure);
        let varies = |curve: &Curve<'_>| curve.moments.spread().is_some();
        let both = Comoments::of(returns, others).filter(|_| varies(benchmark));
        let beta = both.and_then(|both| both.beta());
        let correlation = both.filter(|_| varies(account)).and_then(|both| both.correlation());
        let mean = account.moments.mean();
        let (difference, deviation) = difference(returns, others).unzip();
        // What follows its benchmark but for rounding has no information ratio.
        let scale = benchmark.moments.deviation().unwrap_or(0.0);
        let differs = deviation.filter(|deviation| *deviation > ROUNDING * scale);
        let captures = account.periods_per_year.map(|n| captures(returns, others, n));
        let [up_capture, down_capture] = captures.unwrap_or_default();
        Self {
            alpha: a_year(&|n| {
                let rest = both?.first_mean - beta? * both?.second_mean;
                defined((1.0 + rest).powf(n) - 1.0)
            }),
            beta,
            correlation,
            r_squared: correlation.map(|correlation| correlation * correlation),
            tracking_error: a_year(&|n| Some(deviation? * n.sqrt())),
            information_ratio: a_year(&|n| defined(difference? / differs? * n.sqrt())),
            treynor_ratio: a_year(&|n| defined(mean? * n / beta?)),
            up_capture,
            down_capture,
            batting_average: batting_average(returns, others),
        }
    }
}

/// Mean and standard deviation of the differences. None for fewer than two.
fn difference(returns: &[f64], others: &[f64]) -> Option<(f64, f64)> {
    let count = returns.len() as f64;
    let [sum] = paired_sums(returns, others, |own, other| [own - other]);
    let mean = sum / count;
    let [squares] = paired_sums(returns, others, |own, other| {
        let rest = own - other - mean;
        [rest * rest]
    });
    (count > 1.0).then(|| (mean, (squares / (count - 1.0)).sqrt()))
}

/// Growth a year over the bars on which the benchmark rose, over the benchmark's own; and the same over
/// those on which it fell.
fn captures(returns: &[f64], others: &[f64], periods_per_year: f64) -> [Option<f64>; 2] {
    /// So many factors are multiplied before a logarithm is taken.
    const FACTORS: usize = 16;
    let (mut logarithms, mut counts) = ([0.0; 4], [0.0; 2]);
    wide(|| {
        for (own, other) in returns.chunks(FACTORS).zip(others.chunks(FACTORS)) {
            let mut factors = [1.0; 4];
            for (own, other) in own.iter().zip(other) {
                // A factor of 1 where the bar does not count: no branch, for nobody can foretell it.
                let (rose, fell) = (f64::from(*other > 0.0), f64::from(*other < 0.0));
                let now = [rose * own, rose * other, fell * own, fell * other];
                factors.iter_mut().zip(now).for_each(|(factor, change)| *factor *= 1.0 + change);
                counts[0] += rose;
                counts[1] += fell;
            }
            logarithms.iter_mut().zip(factors).for_each(|(sum, factor)| *sum += factor.ln());
        }
    });
    let growth = |place: usize| (logarithms[place] * periods_per_year / counts[place / 2]).exp_m1();
    [0, 2].map(|place| defined(growth(place) / growth(place + 1)))
}

fn batting_average(returns: &[f64], others: &[f64]) -> Option<f64> {
    let [better] = paired_sums(returns, others, |own, other| [f64::from(own > other)]);
    defined(better / returns.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn against(own: &[f64], other: &[f64]) -> Benchmark {
        let days: Vec<Timestamp> = (0..own.len() as i64).map(|day| Timestamp(day * Timestamp::DAY)).collect();
        Benchmark::of(&Curve::new(100.0, own, &days, Some(252.0)), &Curve::new(100.0, other, &days, Some(252.0)))
    }

    #[test]
    fn an_account_that_is_its_benchmark() {
        let equity = [101.0, 99.0, 104.0, 103.0];
        let same = against(&equity, &equity);
        assert_eq!((same.beta, same.alpha, same.tracking_error), (Some(1.0), Some(0.0), Some(0.0)));
        assert_eq!((same.up_capture, same.down_capture, same.batting_average), (Some(1.0), Some(1.0), Some(0.0)));
        assert_eq!(same.information_ratio, None);
        let rounded = against(&equity.map(|value| value * (1.0 + f64::EPSILON)), &equity);
        assert!(rounded.tracking_error.is_some_and(|error| error > 0.0));
        assert_eq!(rounded.information_ratio, None);
    }

    #[test]
    fn what_is_not_measurable_is_none() {
        let idle = against(&[100.0; 4], &[101.0, 99.0, 104.0, 103.0]);
        assert_eq!((idle.beta, idle.correlation, idle.treynor_ratio), (Some(0.0), None, None));
        let flat = against(&[101.0, 99.0, 104.0, 103.0], &[100.0; 4]);
        assert_eq!((flat.alpha, flat.beta, flat.correlation, flat.up_capture), (None, None, None, None));
        let short = against(&[101.0], &[102.0]);
        assert_eq!((short.beta, short.tracking_error, short.information_ratio), (None, None, None));
        let empty = against(&[], &[]);
        assert_eq!((empty.alpha, empty.batting_average, empty.down_capture), (None, None, None));
    }
}

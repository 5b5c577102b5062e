//! An account beside a benchmark: buying and holding what it trades.

use serde::Serialize;

use crate::metrics::returns::beside_returns;
use crate::metrics::sums::paired_sums;
use crate::metrics::{Comoments, Curve, defined};
use crate::wide::wide;

/// Differences that deviate by less than this part of the benchmark's deviation are those of rounding, and so are returns
/// that deviate by less than this part of their mean.
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
    /// The figures of an account's curve against the equity of its benchmark, which began with the same.
    pub fn of(account: &Curve<'_>, equity: &[f64]) -> Self {
        let count = account.returns.len() as f64;
        let Pairs { both, differences, better, captures } = Pairs::of(account, equity);
        let deviation = |squares: f64| (squares / (count - 1.0)).sqrt();
        // Where the benchmark varies by more than rounding.
        let varying = Some(both).filter(|both| deviation(both.second_squares) > ROUNDING * both.second_mean.abs());
        let beta = varying.and_then(|both| both.beta());
        let correlation = varying.filter(|_| account.moments.spread().is_some()).and_then(|both| both.correlation());
        let tracking = defined(deviation(differences)).filter(|_| count > 1.0);
        // What follows its benchmark but for rounding has no information ratio.
        let differs = tracking.filter(|tracking| *tracking > ROUNDING * deviation(both.second_squares));
        let a_year = |figure: &dyn Fn(f64) -> Option<f64>| account.periods_per_year.and_then(figure);
        let [up_capture, down_capture] = account.periods_per_year.map(|n| captures.a_year(n)).unwrap_or_default();
        Self {
            alpha: a_year(&|n| defined((1.0 + both.first_mean - beta? * both.second_mean).powf(n) - 1.0)),
            beta,
            correlation,
            r_squared: correlation.map(|correlation| correlation * correlation),
            tracking_error: a_year(&|n| Some(tracking? * n.sqrt())),
            information_ratio: a_year(&|n| defined((both.first_mean - both.second_mean) / differs? * n.sqrt())),
            treynor_ratio: a_year(&|n| defined(both.first_mean * n / beta?)),
            up_capture,
            down_capture,
            batting_average: defined(better / count),
        }
    }
}

/// What the returns of an account and those of its benchmark come to, pair by pair.
struct Pairs {
    both: Comoments,
    /// The sum of the squares of their differences, about the mean of these.
    differences: f64,
    /// On how many bars the account earned more.
    better: f64,
    captures: Captures,
}

impl Pairs {
    fn of(account: &Curve<'_>, equity: &[f64]) -> Self {
        let each = |visit: &mut dyn FnMut(&[f64], &[f64])| {
            beside_returns(&account.returns, account.initial, equity, visit);
        };
        let add = |sums: &mut [f64], parts: &[f64]| sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        let mut sums = [0.0; 2];
        each(&mut |own, other| add(&mut sums, &paired_sums(own, other, |own, other| [own, other])));
        let [first_mean, second_mean] = sums.map(|sum| sum / account.returns.len() as f64);
        let (mut sums, mut captures) = ([0.0; 5], Captures::default());
        each(&mut |own, other| {
            let parts = paired_sums(own, other, |own, other| {
                let (first, second) = (own - first_mean, other - second_mean);
                let difference = first - second;
                [first * first, second * second, first * second, difference * difference, f64::from(own > other)]
            });
            add(&mut sums, &parts);
            captures.add(own, other);
        });
        let [first_squares, second_squares, products, differences, better] = sums;
        let both = Comoments { first_mean, second_mean, first_squares, second_squares, products };
        Self { both, differences, better, captures }
    }
}

/// Growth over the bars on which a benchmark rose, and over those on which it fell.
#[derive(Default)]
struct Captures {
    /// Sums of logarithms: of the account's and the benchmark's growth where it rose, then where it fell.
    logarithms: [f64; 4],
    /// On how many bars it rose and fell.
    counts: [f64; 2],
}

impl Captures {
    fn add(&mut self, own: &[f64], other: &[f64]) {
        /// So many factors are multiplied before a logarithm is taken: their product stays far within what a number holds.
        const FACTORS: usize = 64;
        let Self { logarithms, counts } = self;
        wide(|| {
            for (own, other) in own.chunks(FACTORS).zip(other.chunks(FACTORS)) {
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
    }

    /// The account's growth a year over the benchmark's, where that rose and where it fell.
    fn a_year(&self, periods_per_year: f64) -> [Option<f64>; 2] {
        let growth = |place: usize| (self.logarithms[place] * periods_per_year / self.counts[place / 2]).exp_m1();
        [0, 2].map(|place| defined(growth(place) / growth(place + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn against(own: &[f64], other: &[f64]) -> Benchmark {
        let days: Vec<Timestamp> = (0..own.len() as i64).map(|day| Timestamp(day * Timestamp::DAY)).collect();
        Benchmark::of(&Curve::new(100.0, own, &days, Some(252.0)), other)
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

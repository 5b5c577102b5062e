//! Ratios: what was earned against one kind of risk or another.

use serde::Serialize;

use crate::metrics::distribution::normal_shortfall;
use crate::metrics::returns::log_growths;
use crate::metrics::{Curve, Distribution, defined, kelly};

/// Ratios of an equity curve. The risk-free rate and the required return are zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ratios {
    /// Sum of the gains of bars over that of their losses (as empyrical and quantstats, whose profit factor
    /// of returns is the same).
    pub omega: Option<f64>,
    /// Sum of the returns over that of the losses: omega less one.
    pub gain_to_pain: Option<f64>,
    /// Omega times the tail ratio.
    pub common_sense_ratio: Option<f64>,
    /// Omega times win rate times payoff ratio of the bars.
    pub cpc_index: Option<f64>,
    /// [`kelly`] of the bars that were not without a change.
    pub kelly_criterion: Option<f64>,
    /// Sum of the returns over the magnitude of the maximum drawdown. (quantstats drops the sign: an account
    /// that lost has a positive factor there.)
    pub recovery_factor: Option<f64>,
    /// Total return over the ulcer index.
    pub ulcer_performance_index: Option<f64>,
    /// Sum of the returns over ulcer index times pitfall: the conditional value at risk of the drawdowns,
    /// normally distributed, over the returns' deviation (as quantstats, after KeyQuant).
    pub serenity_index: Option<f64>,
    /// Sortino ratio over the root of two, comparable to Sharpe ratios.
    pub adjusted_sortino: Option<f64>,
    /// Sharpe ratio over a penalty for returns that follow one another; see [`autocorrelation_penalty`].
    pub smart_sharpe: Option<f64>,
    /// Sortino ratio over the same.
    pub smart_sortino: Option<f64>,
    /// How probable it is that the true Sharpe ratio is above zero, from 0 to 1, given length, skewness
    /// and kurtosis (Bailey and López de Prado 2012, as quantstats computes it).
    pub probabilistic_sharpe: Option<f64>,
    /// The same with the Sortino ratio in its place.
    pub probabilistic_sortino: Option<f64>,
    /// R² of the logarithm of equity against time, from 0 to 1: 1 where it grew as a straight line (as
    /// empyrical's `stability_of_timeseries`).
    pub stability: Option<f64>,
    /// `((1 - w) / (1 + w))^n` of win rate w and n bars (as quantstats), from 0 to 1.
    pub risk_of_ruin: Option<f64>,
    /// CAGR over the share of bars that earned or lost anything, rounded up to a whole percent
    /// (quantstats' `rar`).
    pub return_over_exposure: Option<f64>,
}

impl Ratios {
    /// The ratios of a curve, given how its returns are distributed.
    pub fn of(curve: &Curve<'_>, distribution: &Distribution) -> Self {
        let Curve { returns, moments, gains, falls, .. } = curve;
        let omega = gains.profit_factor();
        let (a_bar, a_year) = (moments.return_over_deviation(), curve.sharpe());
        let sortino = curve.sortino();
        let penalty =
            distribution.autocorrelation.map(|correlation| autocorrelation_penalty(correlation, returns.len()));
        let (skew, kurtosis) = (distribution.skew, distribution.kurtosis);
        let probable = |ratio: Option<f64>| probability(ratio?, skew?, kurtosis?, returns.len());
        let ulcer_index = falls.ulcer_index(returns.len());
        let exposure = distribution.share_not_zero.map(|share| (share * 100.0).ceil() / 100.0);
        Self {
            omega,
            gain_to_pain: gains.gain_to_pain(),
            common_sense_ratio: product([omega, distribution.tail_ratio]),
            cpc_index: product([omega, gains.hit_rate(), gains.payoff_ratio()]),
            kelly_criterion: gains.hit_rate().zip(gains.payoff_ratio()).and_then(|(rate, payoff)| kelly(rate, payoff)),
            recovery_factor: defined(curve.sum_of_returns() / curve.maximum_drawdown().abs()),
            ulcer_performance_index: ulcer_index.and_then(|index| defined(curve.total_return() / index)),
            serenity_index: serenity_index(curve),
            adjusted_sortino: sortino.map(|ratio| ratio / 2.0_f64.sqrt()),
            smart_sharpe: quotient(a_year, penalty),
            smart_sortino: quotient(sortino, penalty),
            probabilistic_sharpe: probable(a_bar),
            probabilistic_sortino: probable(quotient(moments.mean(), gains.downside_deviation())),
            stability: stability(returns),
            risk_of_ruin: gains.hit_rate().map(|rate| ((1.0 - rate) / (1.0 + rate)).powf(returns.len() as f64)),
            return_over_exposure: quotient(curve.cagr(), exposure),
        }
    }
}

fn product<const N: usize>(factors: [Option<f64>; N]) -> Option<f64> {
    factors.into_iter().try_fold(1.0, |product, factor| Some(product * factor?)).and_then(defined)
}

fn quotient(above: Option<f64>, below: Option<f64>) -> Option<f64> {
    defined(above? / below?)
}

/// By how much a ratio a year overstates what returns come to that correlate so with the one before
/// (Lo 2002, as quantstats): `sqrt(1 + 2 Σ (n - k) / n · |correlation|^k)` over k from 1 to n - 1.
pub fn autocorrelation_penalty(correlation: f64, returns: usize) -> f64 {
    let (count, correlation) = (returns as f64, correlation.abs());
    let (mut sum, mut power) = (0.0, 1.0);
    for lag in 1..returns {
        power *= correlation;
        // What is left adds nothing to the sum.
        if power < f64::EPSILON * 1e-3 {
            break;
        }
        sum += (count - lag as f64) / count * power;
    }
    (1.0 + 2.0 * sum).sqrt()
}

/// How probable a ratio of mean to risk above zero is, given how the returns of a bar are distributed.
fn probability(ratio: f64, skew: f64, excess_kurtosis: f64, returns: usize) -> Option<f64> {
    let variance = 1.0 - skew * ratio + (excess_kurtosis + 2.0) / 4.0 * ratio * ratio;
    let score = ratio / (variance / (returns as f64 - 1.0)).sqrt();
    defined(0.5 * libm::erfc(-score / 2.0_f64.sqrt()))
}

fn serenity_index(curve: &Curve<'_>) -> Option<f64> {
    let (count, falls) = (curve.returns.len() as f64, &curve.falls);
    let mean = falls.sum / count;
    let deviation = ((falls.squares - falls.sum * mean).max(0.0) / (count - 1.0)).sqrt();
    let pitfall = -normal_shortfall(mean, deviation) / curve.moments.spread()?;
    defined(curve.sum_of_returns() / (falls.ulcer_index(curve.returns.len())? * pitfall))
}

/// R² of the cumulated logarithms against the number of the bar. None for fewer than two returns, where
/// equity never changed, and where all was lost.
fn stability(returns: &[f64]) -> Option<f64> {
    let count = returns.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let (mut bar, mut level) = (-middle, 0.0);
    let (mut sum, mut squares, mut products) = (0.0, 0.0, 0.0);
    let mut logarithms = [0.0; 256];
    for changes in returns.chunks(logarithms.len()) {
        log_growths(changes, &mut logarithms);
        for logarithm in &logarithms[..changes.len()] {
            level += logarithm;
            sum += level;
            squares += level * level;
            products += bar * level;
            bar += 1.0;
        }
    }
    let times = count * (count * count - 1.0) / 12.0;
    defined(products * products / (times * (squares - sum * sum / count))).map(|share| share.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_growth_is_stable() {
        assert!((stability(&[0.01; 50]).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!((stability(&[0.0; 50]), stability(&[0.1]), stability(&[0.1, -1.0, 0.1])), (None, None, None));
    }

    #[test]
    fn a_penalty_by_hand() {
        assert_eq!(autocorrelation_penalty(0.0, 100), 1.0);
        let sum = 2.0 / 3.0 * 0.5 + 1.0 / 3.0 * 0.25;
        assert!((autocorrelation_penalty(-0.5, 3) - (1.0_f64 + 2.0 * sum).sqrt()).abs() < 1e-12);
        // Each lag counts where all returns are alike.
        assert!((autocorrelation_penalty(1.0, 101) - 101.0_f64.sqrt()).abs() < 1e-12);
    }
}

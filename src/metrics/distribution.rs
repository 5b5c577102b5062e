//! How the returns of bars are distributed.

use serde::Serialize;

use crate::data::{highest, lowest};
use crate::metrics::{Curve, Tails, autocorrelation, defined};

/// The quantile of the standard normal distribution at 5 %.
const NORMAL_FIFTH: f64 = -1.644_853_626_951_472_9;

/// The density of the standard normal distribution there.
const NORMAL_DENSITY: f64 = 0.103_135_640_375_371_28;

/// Figures of the returns of single bars, as fractions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// The arithmetic mean.
    pub mean: Option<f64>,
    /// The constant return that would have earned as much (quantstats' `expected_return`).
    pub geometric_mean: Option<f64>,
    /// Standard deviation, of a sample.
    pub deviation: Option<f64>,
    /// The greatest.
    pub best: Option<f64>,
    /// The smallest.
    pub worst: Option<f64>,
    /// Skewness: below zero where losses reach further than gains.
    pub skew: Option<f64>,
    /// Excess kurtosis: above zero where extremes are more frequent than in a normal distribution.
    pub kurtosis: Option<f64>,
    /// Share above zero among those that are not zero, from 0 to 1 (quantstats' `win_rate`).
    pub win_rate: Option<f64>,
    /// Share of those that are not zero, from 0 to 1 (quantstats' `exposure`, which rounds it up).
    pub share_not_zero: Option<f64>,
    /// The mean of those above zero.
    pub average_gain: Option<f64>,
    /// The mean of those below zero: negative.
    pub average_loss: Option<f64>,
    /// Average gain over average loss, as magnitudes.
    pub payoff_ratio: Option<f64>,
    /// The most bars in a row with a gain.
    pub longest_gains: usize,
    /// The most bars in a row with a loss.
    pub longest_losses: usize,
    /// The quantile at 5 % (as empyrical): one bar of twenty was worse.
    pub value_at_risk: Option<f64>,
    /// The mean of the lowest 5 % (as empyrical).
    pub conditional_value_at_risk: Option<f64>,
    /// What the quantile at 5 % would be, were the returns normally distributed (as quantstats).
    pub value_at_risk_normal: Option<f64>,
    /// What the mean below it would be, were they so (as quantstats).
    pub conditional_value_at_risk_normal: Option<f64>,
    /// The quantile at 95 % over that at 5 %, as magnitudes: above 1 where gains reach further.
    pub tail_ratio: Option<f64>,
    /// The quantile at 99 % over the mean of the returns that are no losses (as quantstats).
    pub outlier_win_ratio: Option<f64>,
    /// The quantile at 1 % over the mean of the losses (as quantstats).
    pub outlier_loss_ratio: Option<f64>,
    /// Correlation of each return with the one before it, from -1 to 1.
    pub autocorrelation: Option<f64>,
}

impl Distribution {
    /// The distribution of a curve's returns.
    pub fn of(curve: &Curve<'_>) -> Self {
        let Curve { returns, moments, gains, .. } = curve;
        let tails = Tails::of(returns);
        let (mean, deviation) = (moments.mean(), moments.deviation());
        let not_losing = gains.gains / (gains.count - gains.losing) as f64;
        Self {
            mean,
            geometric_mean: geometric_mean(curve.total_return(), returns.len()),
            deviation,
            best: defined(highest(returns)),
            worst: defined(lowest(returns)),
            skew: moments.skew(),
            kurtosis: moments.kurtosis(),
            win_rate: gains.hit_rate(),
            share_not_zero: defined((gains.winning + gains.losing) as f64 / gains.count as f64),
            average_gain: gains.average_gain(),
            average_loss: gains.average_loss().map(|loss| -loss),
            payoff_ratio: gains.payoff_ratio(),
            longest_gains: gains.longest_winning,
            longest_losses: gains.longest_losing,
            value_at_risk: tails.map(|tails| tails.fifth),
            conditional_value_at_risk: tails.map(|tails| tails.shortfall),
            value_at_risk_normal: mean.zip(deviation).map(|(mean, deviation)| mean + deviation * NORMAL_FIFTH),
            conditional_value_at_risk_normal: mean
                .zip(deviation)
                .map(|(mean, deviation)| normal_shortfall(mean, deviation)),
            tail_ratio: tails.and_then(|tails| tails.ratio()),
            outlier_win_ratio: tails.and_then(|tails| defined(tails.ninety_ninth / not_losing)),
            outlier_loss_ratio: tails.and_then(|tails| defined(tails.first / -gains.average_loss()?)),
            autocorrelation: autocorrelation(returns),
        }
    }
}

/// What the mean below the quantile at 5 % would be, were values of this mean and deviation normally
/// distributed: quantstats' conditional value at risk.
pub(super) fn normal_shortfall(mean: f64, deviation: f64) -> f64 {
    mean - deviation * NORMAL_DENSITY / 0.05
}

/// The constant return a bar that comes to a total. None without bars, and where all was lost.
fn geometric_mean(total_return: f64, bars: usize) -> Option<f64> {
    let wealth = 1.0 + total_return;
    if bars == 0 || wealth < 0.0 { None } else { defined(wealth.powf(1.0 / bars as f64) - 1.0) }
}

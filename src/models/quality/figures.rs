//! The figures of one forecast on the bars of a test range.

use serde::Serialize;

use crate::models::quality::calibration::{Tenth, tenths};
use crate::models::quality::evidence::{correlation_t, independent, wilson};

/// The figures of one forecast. A figure is absent where it is not defined.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The group's name or `score`; of a baseline `zero`, `training_mean`, `last_value` or `ridge`.
    pub name: String,
    /// On how many bars of all instruments.
    pub samples: usize,
    /// Mean squared error, in squared units of the target.
    pub mean_squared_error: Option<f64>,
    /// Out-of-sample R²: one less the ratio of the squared error to that of the training mean, as
    /// Campbell & Thompson (2008). At most 1; above 0 it beats the mean.
    pub r_squared: Option<f64>,
    /// The share of bars on which forecast and target have the same sign, of those on which both
    /// have one.
    pub hit_rate: Option<f64>,
    /// The lower end of Wilson's 95 % interval of the hit rate, for as many observations as the bars are
    /// worth.
    pub hit_rate_low: Option<f64>,
    /// Its upper end.
    pub hit_rate_high: Option<f64>,
    /// Spearman's rank correlation of forecast and target.
    pub information_coefficient: Option<f64>,
    /// How many independent observations it rests on: fewer than the samples where labels overlap, and
    /// where instruments go together.
    pub independent_samples: Option<f64>,
    /// Its t-value, for so many. Below 2 in size it cannot be told from zero.
    pub information_coefficient_t: Option<f64>,
    /// Pearson's correlation of forecast and target.
    pub correlation: Option<f64>,
    /// The tenths of the forecasts by size: what was forecast, and what came.
    pub calibration: Vec<Tenth>,
}

/// What forecasts are measured against: the samples of a test range, in order of time.
#[derive(Clone, Copy, Debug)]
pub struct Outcomes<'a> {
    /// What came.
    pub target: &'a [f64],
    /// The close instant of each sample's bar.
    pub instants: &'a [i64],
    /// How many bars a label looks ahead, in the mean.
    pub span: f64,
    /// The mean squared error of the training mean.
    pub reference: Option<f64>,
}

impl Figures {
    /// The figures of a forecast.
    pub fn of(name: &str, forecast: &[f64], outcomes: Outcomes<'_>) -> Self {
        let Outcomes { target, instants, span, reference } = outcomes;
        let mean_squared_error = mean_squared_error(forecast, target);
        let r_squared = match (mean_squared_error, reference) {
            (Some(error), Some(reference)) if reference > 0.0 => Some(1.0 - error / reference),
            _ => None,
        };
        let (hit_rate, interval) = hits(forecast, outcomes);
        let ranked = [ranks(forecast), ranks(target)];
        let information_coefficient = correlation(&ranked[0], &ranked[1]);
        let worth = information_coefficient.map(|_| {
            let middle = (target.len() + 1) as f64 / 2.0;
            let score = |(a, b): (&f64, &f64)| (a - middle) * (b - middle);
            let scores: Vec<f64> = ranked[0].iter().zip(&ranked[1]).map(score).collect();
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            independent(instants, &scores.iter().map(|score| score - mean).collect::<Vec<_>>(), span)
        });
        Self {
            name: name.to_owned(),
            samples: target.len(),
            mean_squared_error,
            r_squared,
            hit_rate,
            hit_rate_low: interval.map(|[low, _]| low),
            hit_rate_high: interval.map(|[_, high]| high),
            information_coefficient,
            independent_samples: worth,
            information_coefficient_t: information_coefficient
                .zip(worth)
                .and_then(|(coefficient, worth)| correlation_t(coefficient, worth)),
            correlation: correlation(forecast, target),
            calibration: tenths(forecast, target),
        }
    }
}

pub fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

/// None without samples.
pub fn mean_squared_error(forecast: &[f64], target: &[f64]) -> Option<f64> {
    mean(forecast.iter().zip(target).map(|(a, b)| (a - b).powi(2)))
}

/// The hit rate and its interval.
fn hits(forecast: &[f64], outcomes: Outcomes<'_>) -> (Option<f64>, Option<[f64; 2]>) {
    let (mut instants, mut hits) = (Vec::new(), Vec::new());
    for ((a, b), instant) in forecast.iter().zip(outcomes.target).zip(outcomes.instants) {
        if *a != 0.0 && *b != 0.0 {
            instants.push(*instant);
            hits.push(if (*a > 0.0) == (*b > 0.0) { 1.0 } else { 0.0 });
        }
    }
    let rate = mean(hits.iter().copied());
    let interval = rate.and_then(|rate| {
        let scores: Vec<f64> = hits.iter().map(|hit| hit - rate).collect();
        wilson(rate, independent(&instants, &scores, outcomes.span))
    });
    (rate, interval)
}

/// Pearson's correlation; none where either side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mean_a, mean_b) = (mean(a.iter().copied())?, mean(b.iter().copied())?);
    let varies = |values: &[f64]| values.iter().any(|value| *value != values[0]);
    if !varies(a) || !varies(b) {
        return None;
    }
    let products = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>();
    let squares = |values: &[f64], mean: f64| values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some(products / (squares(a, mean_a) * squares(b, mean_b)).sqrt())
}

/// Ranks from 1; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = first as f64 + (equal.len() + 1) as f64 / 2.0;
        for &index in equal {
            ranks[index] = rank;
        }
        first += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::{Purpose, Random};

    fn figures(forecast: &[f64], target: &[f64], span: f64, reference: Option<f64>) -> Figures {
        let instants: Vec<i64> = (0..target.len() as i64).collect();
        Figures::of("x", forecast, Outcomes { target, instants: &instants, span, reference })
    }

    #[test]
    fn figures_are_their_formulas() {
        let figures = figures(&[0.1, -0.2, 0.3, 0.0], &[0.2, -0.1, -0.1, 0.4], 1.0, Some(0.11));
        let close = |value: Option<f64>, by_hand: f64| assert!((value.unwrap() - by_hand).abs() < 1e-12, "{value:?}");
        close(figures.mean_squared_error, (0.01 + 0.01 + 0.16 + 0.16) / 4.0);
        close(figures.r_squared, 1.0 - 0.085 / 0.11);
        close(figures.hit_rate, 2.0 / 3.0);
        // Ranks 3 1 4 2 against 3 1.5 1.5 4: Σ(x - 2.5)(y - 2.5) = 0.25 + 1.5 - 1.5 - 0.75.
        close(figures.information_coefficient, -0.5 / (5.0_f64 * 4.5).sqrt());
        close(figures.independent_samples, 4.0);
        assert_eq!(figures.information_coefficient_t, None);
    }

    #[test]
    fn overlapping_labels_widen_what_is_uncertain() {
        let wave = |by: f64| (0..200).map(|index| (f64::from(index) * by).sin()).collect::<Vec<f64>>();
        let (forecast, target) = (wave(0.7), wave(0.71));
        let (apart, overlapping) = (figures(&forecast, &target, 1.0, None), figures(&forecast, &target, 10.0, None));
        assert_eq!(apart.hit_rate, overlapping.hit_rate);
        assert!(apart.hit_rate_low > overlapping.hit_rate_low && apart.hit_rate_high < overlapping.hit_rate_high);
        let t = |figures: &Figures| figures.information_coefficient_t.unwrap();
        // m - 2 is 198 and 18.
        assert!((t(&apart) / t(&overlapping) - (198.0_f64 / 18.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_defined_is_absent() {
        let constant = figures(&[0.0; 3], &[0.1, -0.1, 0.2], 1.0, Some(0.0));
        assert_eq!((constant.hit_rate, constant.information_coefficient, constant.r_squared), (None, None, None));
        assert_eq!((constant.hit_rate_low, constant.information_coefficient_t), (None, None));
        let nothing = figures(&[], &[], 1.0, None);
        assert_eq!((nothing.samples, nothing.mean_squared_error, nothing.correlation), (0, None, None));
    }

    #[test]
    fn chance_is_seldom_told_from_zero_though_labels_overlap() {
        let mut random = Random::new(1, Purpose::Shuffling, 0);
        let mut noise = || (0..6).map(|_| random.uniform() - 0.5).sum::<f64>();
        let (mut told, mut ignored) = (0, 0);
        for _ in 0..300 {
            // A forecast that remembers, and sums of the next five of what comes: neither knows of the other.
            let mut last = 0.0;
            let mut remember = || {
                last = 0.97 * last + noise();
                last
            };
            let forecast: Vec<f64> = (0..400).map(|_| remember()).skip(200).collect();
            let steps: Vec<f64> = (0..204).map(|_| noise()).collect();
            let target: Vec<f64> = steps.windows(5).map(|five| five.iter().sum()).collect();
            let beyond = |span| figures(&forecast, &target, span, None).information_coefficient_t.unwrap().abs() > 2.0;
            told += i32::from(beyond(5.0));
            ignored += i32::from(beyond(1.0));
        }
        // One case of twenty is 15.
        assert!(told <= 18 && ignored > 60, "{told} {ignored}");
    }
}

//! How good forecasts are on the test range, beside two naive ones.

use serde::Serialize;

use crate::models::prediction::Prediction;
use crate::models::samples::columns::InstrumentData;
use crate::models::trained::Trained;

/// The figures of every forecast on the bars of the test range whose label is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Each group's, then the score's where there is one.
    pub forecasts: Vec<Figures>,
    /// The two naive ones: zero, and the mean of the target over the training range.
    pub baselines: Vec<Figures>,
}

/// The figures of one forecast. A figure is absent where it is not defined.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The group's name, `score`, `zero` or `training_mean`.
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
    /// Spearman's rank correlation of forecast and target.
    pub information_coefficient: Option<f64>,
    /// Pearson's correlation of forecast and target.
    pub correlation: Option<f64>,
}

impl Quality {
    /// Measures the forecasts that a model gave.
    pub fn new(trained: &Trained, data: &[InstrumentData], predictions: &[Prediction]) -> Self {
        let mut target = Vec::new();
        let mut forecasts: Vec<(String, Vec<f64>)> =
            trained.configuration.groups.iter().map(|group| (group.name.clone(), Vec::new())).collect();
        if trained.configuration.weighting.is_some() {
            forecasts.push(("score".into(), Vec::new()));
        }
        let mut means = Vec::new();
        for (instrument, (of, prediction)) in data.iter().zip(predictions).enumerate() {
            let columns: Vec<&[f64]> = prediction
                .groups
                .iter()
                .chain(prediction.blend.as_ref().map(|blend| &blend.score))
                .map(|c| &c[..])
                .collect();
            for bar in 0..of.instants.len() {
                let fit = trained.fit_at(instrument, of.instants[bar]).filter(|_| of.target[bar].is_finite());
                let scaler = fit.and_then(|fit| fit.scalers.of(instrument));
                if let Some(scaler) = scaler
                    && columns.iter().all(|column| column[bar].is_finite())
                {
                    target.push(of.target[bar]);
                    means.push(scaler.target_mean);
                    for ((_, forecast), column) in forecasts.iter_mut().zip(&columns) {
                        forecast.push(column[bar]);
                    }
                }
            }
        }
        let reference = mean_squared_error(&means, &target);
        let figures = |(name, forecast): (String, Vec<f64>)| Figures::new(name, &forecast, &target, reference);
        let baselines = [("zero", vec![0.0; target.len()]), ("training_mean", means)];
        Self {
            forecasts: forecasts.into_iter().map(figures).collect(),
            baselines: baselines.map(|(name, value)| figures((name.into(), value))).into(),
        }
    }

    /// Whether a forecast has a smaller squared error than both naive ones.
    pub fn beats_baselines(&self, forecast: &Figures) -> bool {
        let error = forecast.mean_squared_error.unwrap_or(f64::INFINITY);
        self.baselines.iter().all(|baseline| baseline.mean_squared_error.is_some_and(|naive| error < naive))
    }
}

impl Figures {
    /// The figures of a forecast; `reference` is the squared error of the training mean.
    fn new(name: String, forecast: &[f64], target: &[f64], reference: Option<f64>) -> Self {
        let mean_squared_error = mean_squared_error(forecast, target);
        let r_squared = match (mean_squared_error, reference) {
            (Some(error), Some(reference)) if reference > 0.0 => Some(1.0 - error / reference),
            _ => None,
        };
        Self {
            name,
            samples: target.len(),
            mean_squared_error,
            r_squared,
            hit_rate: hit_rate(forecast, target),
            information_coefficient: correlation(&ranks(forecast), &ranks(target)),
            correlation: correlation(forecast, target),
        }
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

fn mean_squared_error(forecast: &[f64], target: &[f64]) -> Option<f64> {
    mean(forecast.iter().zip(target).map(|(a, b)| (a - b).powi(2)))
}

fn hit_rate(forecast: &[f64], target: &[f64]) -> Option<f64> {
    let signed = forecast.iter().zip(target).filter(|(a, b)| **a != 0.0 && **b != 0.0);
    let hits: Vec<f64> = signed.map(|(a, b)| if (*a > 0.0) == (*b > 0.0) { 1.0 } else { 0.0 }).collect();
    mean(hits.into_iter())
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

    #[test]
    fn figures_are_their_formulas() {
        let (forecast, target) = ([0.1, -0.2, 0.3, 0.0], [0.2, -0.1, -0.1, 0.4]);
        let figures = Figures::new("x".into(), &forecast, &target, Some(0.11));
        let close = |value: Option<f64>, by_hand: f64| assert!((value.unwrap() - by_hand).abs() < 1e-12, "{value:?}");
        close(figures.mean_squared_error, (0.01 + 0.01 + 0.16 + 0.16) / 4.0);
        close(figures.r_squared, 1.0 - 0.085 / 0.11);
        close(figures.hit_rate, 2.0 / 3.0);
        // Ranks 3 1 4 2 against 3 1.5 1.5 4: Σ(x - 2.5)(y - 2.5) = 0.25 + 1.5 - 1.5 - 0.75.
        close(figures.information_coefficient, -0.5 / (5.0_f64 * 4.5).sqrt());
    }

    #[test]
    fn what_is_not_defined_is_absent() {
        let constant = Figures::new("zero".into(), &[0.0; 3], &[0.1, -0.1, 0.2], Some(0.0));
        assert_eq!((constant.hit_rate, constant.information_coefficient, constant.r_squared), (None, None, None));
        let nothing = Figures::new("none".into(), &[], &[], None);
        assert_eq!((nothing.samples, nothing.mean_squared_error, nothing.correlation), (0, None, None));
    }
}

//! What each forecast costs: by the loss that the model was trained by, where that is not about errors.

use crate::models::quality::figures::mean;
use crate::models::training::loss::Loss;

/// Who made a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecaster {
    /// The model: its forecasts are what its loss makes of them.
    Model,
    /// A baseline: its forecasts are values in units of the target.
    Naive,
}

/// What each of several forecasts costs; the less the better.
///
/// Forecasts of the mean and of classes cost their squared error. A quantile costs its own loss (Koenker &
/// Bassett 1978). A position costs less its gain, in units of the deviation of all gains, so that the mean is
/// less the Sharpe ratio whatever the size of the positions; the position of a baseline is the sign of what it
/// forecasts. Positions that never gain or lose cost nothing.
pub fn losses(loss: Loss, by: Forecaster, forecast: &[f64], target: &[f64]) -> Vec<f64> {
    let pairs = forecast.iter().zip(target);
    match loss {
        Loss::Mse | Loss::Huber { .. } | Loss::CrossEntropy { .. } => pairs.map(|(f, y)| (f - y).powi(2)).collect(),
        Loss::Quantile { quantile } => {
            pairs.map(|(f, y)| (quantile * (y - f)).max((quantile - 1.0) * (y - f))).collect()
        }
        Loss::Sharpe => {
            let position = |f: f64| match by {
                Forecaster::Model => f,
                Forecaster::Naive if f == 0.0 => 0.0,
                Forecaster::Naive => f.signum(),
            };
            let gains: Vec<f64> = pairs.map(|(f, y)| position(*f) * y).collect();
            let average = mean(gains.iter().copied()).unwrap_or(0.0);
            let variance = mean(gains.iter().map(|gain| (gain - average).powi(2))).unwrap_or(0.0);
            let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
            gains.into_iter().map(|gain| -gain / deviation).collect()
        }
    }
}

/// The mean of what forecasts cost; none without samples.
pub fn mean_loss(loss: Loss, by: Forecaster, forecast: &[f64], target: &[f64]) -> Option<f64> {
    mean(losses(loss, by, forecast, target).into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Classes;

    const FORECAST: [f64; 4] = [0.5, -0.25, 0.0, 0.5];
    const TARGET: [f64; 4] = [1.0, 1.0, -2.0, 0.5];

    #[test]
    fn each_loss_judges_by_its_formula() {
        let by = |loss| losses(loss, Forecaster::Model, &FORECAST, &TARGET);
        for loss in [Loss::Mse, Loss::Huber { delta: 1.0 }, Loss::CrossEntropy { classes: Classes::Two }] {
            assert_eq!(by(loss), [0.25, 1.5625, 4.0, 0.0]);
        }
        // 0.75 of what is missing, 0.25 of what is too much.
        assert_eq!(by(Loss::Quantile { quantile: 0.75 }), [0.375, 0.9375, 0.5, 0.0]);
        let gains = [0.5_f64, -0.25, 0.0, 0.25];
        let deviation = ((0.375_f64.powi(2) + 0.375_f64.powi(2) + 2.0 * 0.125_f64.powi(2)) / 4.0).sqrt();
        for (ours, gain) in by(Loss::Sharpe).into_iter().zip(gains) {
            assert!((ours + gain / deviation).abs() < 1e-12);
        }
    }

    #[test]
    fn a_sharpe_ratio_does_not_know_the_size_of_positions() {
        let small: Vec<f64> = FORECAST.iter().map(|position| position / 100.0).collect();
        let of = |by, positions: &[f64]| mean_loss(Loss::Sharpe, by, positions, &TARGET).unwrap();
        assert!((of(Forecaster::Model, &small) - of(Forecaster::Model, &FORECAST)).abs() < 1e-12);
        let signs: Vec<f64> = [1.0, -1.0, 0.0, 1.0].into();
        assert_eq!(of(Forecaster::Naive, &FORECAST), of(Forecaster::Model, &signs));
        assert_eq!(of(Forecaster::Naive, &[0.0; 4]), 0.0);
        assert_eq!(mean_loss(Loss::Sharpe, Forecaster::Model, &[], &[]), None);
    }
}

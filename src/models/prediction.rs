//! What a model forecasts: a column for each group, their weights and their blend.

use burn_core::tensor::Device;

use crate::data::Column;
use crate::error::Result;
use crate::models::configuration::{WeightMethod, Weighting};
use crate::models::forecaster::Forecaster;
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::inputs::ModelInputs;
use crate::models::samples::scaler::Scale;
use crate::models::weighting::inverse_error;
use crate::networks::values;

/// What a model forecasts for one instrument: a value a base bar, in units of the target; NaN
/// where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Each group's forecast, in the order of the configuration.
    pub groups: Vec<Column>,
    /// The weighted forecast, where there are weights.
    pub blend: Option<Blend>,
}

/// Weights, and what they make of the groups' forecasts.
#[derive(Clone, Debug, PartialEq)]
pub struct Blend {
    /// A weight a group and bar: positive, with the sum 1 over groups.
    pub weights: Vec<Column>,
    /// The weighted forecast.
    pub score: Column,
}

/// How many bars are forecast at once. Every batch is filled up to this, so that a figure does not
/// depend on how many bars there are.
const PREDICTION_BATCH: usize = 128;

/// The forecasts for one instrument, as they are filled in.
pub(super) struct Forecasts {
    groups: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
    score: Vec<f64>,
}

impl Forecasts {
    /// None yet.
    pub(super) fn unknown(groups: usize, bars: usize) -> Self {
        let columns = vec![vec![f64::NAN; bars]; groups];
        Self { weights: columns.clone(), groups: columns, score: vec![f64::NAN; bars] }
    }

    /// Forecasts the bars of samples, all of one instrument whose forecasts have this scale.
    pub(super) fn fill(
        &mut self,
        forecaster: &Forecaster,
        inputs: &ModelInputs,
        samples: &[Sample],
        scale: Scale,
        device: &Device,
    ) -> Result<()> {
        let count = self.groups.len();
        for chunk in samples.chunks(PREDICTION_BATCH) {
            let mut filled = chunk.to_vec();
            filled.resize(PREDICTION_BATCH, chunk[0]);
            let batch = inputs.batch(&filled, device);
            let (forecasts, weighed) = forecaster.forecast(&batch)?;
            let (forecasts, weighed) = (values(forecasts)?, weighed.map(values).transpose()?);
            for (row, sample) in chunk.iter().enumerate() {
                let columns = row * count..(row + 1) * count;
                for (group, forecast) in forecasts[columns.clone()].iter().enumerate() {
                    self.groups[group][sample.bar] = scale.undo(f64::from(*forecast));
                }
                let Some(weighed) = &weighed else { continue };
                for (group, weight) in weighed[columns].iter().enumerate() {
                    self.weights[group][sample.bar] = f64::from(*weight);
                }
            }
        }
        Ok(())
    }

    /// The columns; with weights and blend where the model has them. `of` is what the forecasts are for: weights may
    /// hang on outcomes that are known by then.
    pub(super) fn finish(mut self, weighting: Option<&Weighting>, of: &InstrumentData) -> Prediction {
        if let Some(Weighting { method: WeightMethod::InverseError, window, .. }) = weighting {
            self.weights = inverse_error(of, &self.groups, *window);
        }
        for bar in 0..self.score.len() {
            // Rounded to `f32`, the sum of a softmax is 1 to seven digits; here it is exact.
            let sum: f64 = self.weights.iter().map(|weights| weights[bar]).sum();
            let mut score = 0.0;
            for (weights, group) in self.weights.iter_mut().zip(&self.groups) {
                weights[bar] /= sum;
                score += weights[bar] * group[bar];
            }
            self.score[bar] = score;
        }
        let columns = |values: Vec<Vec<f64>>| values.into_iter().map(Column::from).collect();
        let blend = weighting.is_some().then(|| Blend { weights: columns(self.weights), score: self.score.into() });
        Prediction { groups: columns(self.groups), blend }
    }
}

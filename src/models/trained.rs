//! A trained model, and what it forecasts.

use burn_core::tensor::Device;

use crate::data::Column;
use crate::error::Result;
use crate::models::artifacts::state_dict::{StateDict, values};
use crate::models::configuration::Configuration;
use crate::models::networks::device::DeviceKind;
use crate::models::networks::forecaster::Forecaster;
use crate::models::networks::layers::Dropout;
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::inputs::ModelInputs;
use crate::models::samples::scaler::Scaler;
use crate::models::samples::split::Ranges;
use crate::models::training::train::Epoch;

/// A model that has been trained.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What it is and how it was trained.
    pub configuration: Configuration,
    /// What it was trained on.
    pub device: DeviceKind,
    /// How its inputs are scaled.
    pub scaler: Scaler,
    /// What it was trained, validated and tested on.
    pub ranges: Ranges,
    /// The parameters of its networks.
    pub state: StateDict,
    /// How training went.
    pub history: Vec<Epoch>,
}

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

impl Trained {
    /// Forecasts for each instrument. There are no values before the test range, unless
    /// `in_sample`, nor on bars where an input is not known.
    ///
    /// # Errors
    /// Where the columns do not fit the configuration.
    pub fn predict(&self, data: &[InstrumentData], in_sample: bool) -> Result<Vec<Prediction>> {
        let predictable = data.iter().map(|of| of.predictable(&self.configuration)).collect::<Result<Vec<_>>>()?;
        let inputs = ModelInputs::new(&self.configuration, &self.scaler, data);
        let forecaster = Forecaster::new(&self.configuration, &self.state)?;
        let device = self.device.device()?;
        let forecast = |(instrument, of): (usize, &InstrumentData)| {
            let tested = |bar: usize| in_sample || of.instants[bar] >= self.ranges.test.from;
            let bars = (0..of.instants.len()).filter(|bar| predictable[instrument][*bar] && tested(*bar));
            let samples: Vec<Sample> = bars.map(|bar| Sample { instrument, bar }).collect();
            self.forecast(&forecaster, &inputs, &samples, of.instants.len(), &device)
        };
        data.iter().enumerate().map(forecast).collect()
    }

    fn forecast(
        &self,
        forecaster: &Forecaster,
        inputs: &ModelInputs,
        samples: &[Sample],
        bars: usize,
        device: &Device,
    ) -> Result<Prediction> {
        let count = self.configuration.groups.len();
        let mut groups = vec![vec![f64::NAN; bars]; count];
        let mut weights = groups.clone();
        let mut score = vec![f64::NAN; bars];
        for chunk in samples.chunks(PREDICTION_BATCH) {
            let mut filled = chunk.to_vec();
            filled.resize(PREDICTION_BATCH, chunk[0]);
            let batch = inputs.batch(&filled, device);
            let forecasts = values(forecaster.groups(&batch, &mut Dropout::none())?)?;
            let weighed = forecaster.weights(&batch).map(values).transpose()?;
            for (row, sample) in chunk.iter().enumerate() {
                let columns = row * count..(row + 1) * count;
                for (group, forecast) in forecasts[columns.clone()].iter().enumerate() {
                    groups[group][sample.bar] = self.scaler.target.undo(f64::from(*forecast));
                }
                let Some(weighed) = &weighed else { continue };
                // Rounded to `f32`, the sum of a softmax is 1 to seven digits; here it is exact.
                let sum: f64 = weighed[columns.clone()].iter().map(|weight| f64::from(*weight)).sum();
                score[sample.bar] = 0.0;
                for (group, weight) in weighed[columns].iter().enumerate() {
                    let weight = f64::from(*weight) / sum;
                    weights[group][sample.bar] = weight;
                    score[sample.bar] += weight * groups[group][sample.bar];
                }
            }
        }
        let columns = |values: Vec<Vec<f64>>| values.into_iter().map(Column::from).collect();
        let blend =
            self.configuration.weighting.is_some().then(|| Blend { weights: columns(weights), score: score.into() });
        Ok(Prediction { groups: columns(groups), blend })
    }
}

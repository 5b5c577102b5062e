//! A trained model: its fits, and which of them forecasts when.

use crate::error::Result;
use crate::models::configuration::Configuration;
use crate::models::forecaster::Forecaster;
use crate::models::prediction::{Forecasts, Prediction};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::fold::Ranges;
use crate::models::samples::inputs::ModelInputs;
use crate::models::samples::scalers::Scalers;
use crate::models::training::progress::Epoch;
use crate::networks::{DeviceKind, StateDict};

/// A model that has been trained.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What it is and how it was trained.
    pub configuration: Configuration,
    /// What it was trained on.
    pub device: DeviceKind,
    /// Its fits, in order of time: one, or one a fold; for each instrument where each has its own.
    pub fits: Vec<Fit>,
}

/// The networks of one fold.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The only instrument that it is for; none where it is for all.
    pub instrument: Option<usize>,
    /// From which close instant on it forecasts (µs, UTC).
    pub from: i64,
    /// Before which it does: where the next one begins. The last has no end.
    pub until: i64,
    /// What it was trained, validated and tested on.
    pub ranges: Ranges,
    /// How its inputs are scaled.
    pub scalers: Scalers,
    /// The parameters of its networks.
    pub state: StateDict,
    /// The parameters that later learning gave, in order of time.
    pub updates: Vec<Updated>,
    /// How training went.
    pub history: Vec<Epoch>,
}

/// The parameters of networks that went on learning.
#[derive(Clone, Debug)]
pub struct Updated {
    /// From which close instant on they are used: what they learned from was known then (µs, UTC).
    pub from: i64,
    /// The parameters.
    pub state: StateDict,
}

impl Fit {
    /// Whether it is for an instrument.
    pub fn covers(&self, instrument: usize) -> bool {
        self.instrument.is_none_or(|only| only == instrument)
    }

    /// The parameters, each with the close instants from which and until which they are used.
    fn spells(&self) -> Vec<(i64, i64, &StateDict)> {
        let states = [(self.from, &self.state)].into_iter();
        let states: Vec<_> = states.chain(self.updates.iter().map(|update| (update.from, &update.state))).collect();
        let ends = states.iter().skip(1).map(|(from, _)| *from).chain([self.until]);
        states.iter().zip(ends).map(|((from, state), until)| (*from, until, *state)).collect()
    }
}

impl Trained {
    /// From which close instant on the model was tested (µs, UTC).
    pub fn tested_from(&self) -> i64 {
        self.fits.iter().map(|fit| fit.ranges.test.from).min().unwrap_or(i64::MAX)
    }

    /// The fit that forecasts an instrument at a close instant, if it is in a test range.
    pub fn fit_at(&self, instrument: usize, instant: i64) -> Option<&Fit> {
        self.fits.iter().find(|fit| fit.covers(instrument) && (fit.from..fit.until).contains(&instant))
    }

    /// Forecasts for each instrument. There are no values before the test range, unless
    /// `in_sample`, nor on bars where an input is not known. In sample, the first fit forecasts all that
    /// comes before it.
    ///
    /// # Errors
    /// Where the columns do not fit the configuration.
    pub fn predict(&self, data: &[InstrumentData], in_sample: bool) -> Result<Vec<Prediction>> {
        let device = self.device.device()?;
        let predictable = data.iter().map(|of| of.predictable(&self.configuration)).collect::<Result<Vec<_>>>()?;
        let groups = self.configuration.groups.len();
        let mut forecasts: Vec<Forecasts> =
            data.iter().map(|of| Forecasts::unknown(groups, of.instants.len())).collect();
        let first = self.fits.iter().map(|fit| fit.from).min();
        for fit in &self.fits {
            let inputs = ModelInputs::new(&self.configuration, &fit.scalers, data);
            for (from, until, state) in fit.spells() {
                let from = if in_sample && Some(from) == first { i64::MIN } else { from };
                let forecaster = Forecaster::new(&self.configuration, state)?;
                for (instrument, of) in data.iter().enumerate() {
                    let Some(scaler) = fit.scalers.of(instrument).filter(|_| fit.covers(instrument)) else { continue };
                    let bar = |instant: i64| of.instants.partition_point(|other| *other < instant);
                    let bars = (bar(from)..bar(until)).filter(|bar| predictable[instrument][*bar]);
                    let samples: Vec<Sample> = bars.map(|bar| Sample { instrument, bar }).collect();
                    let scale = self.configuration.loss.forecast_scale(scaler.target);
                    forecasts[instrument].fill(&forecaster, &inputs, &samples, scale, &device)?;
                }
            }
        }
        let weighting = self.configuration.weighting.as_ref();
        Ok(forecasts.into_iter().zip(data).map(|(forecasts, of)| forecasts.finish(weighting, of)).collect())
    }
}

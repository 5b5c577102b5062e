//! Permutation importance: how much worse forecasts become when one input tells of other bars.

use rayon::prelude::*;
use serde::Serialize;

use crate::data::Column;
use crate::error::Result;
use crate::models::configuration::Configuration;
use crate::models::prediction::Prediction;
use crate::models::quality::judged::{Forecaster, mean_loss};
use crate::models::samples::columns::{GroupColumns, InstrumentData, Sample};
use crate::networks::{Purpose, Random};

/// On how many samples importance is measured at most: each costs a forecast an input.
pub const MOST: usize = 500;

/// What a model's inputs are worth to its forecasts (Breiman 2001; Fisher, Rudin & Dominici 2019).
///
/// Each input in turn is taken from another bar: the windows of one feature, as wholes, or the values of one
/// series of `given`, change places among the samples of an instrument, so that none stays where it was.
/// The rest is as it was. What the forecasts lose by that is what the input was worth. It is measured with one
/// shuffle, which the model's seed fixes: small differences are chance. Inputs that tell the same stand in for
/// each other, and each of them seems to be worth little.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// On how many samples, evenly spaced over those of the test range.
    pub samples: usize,
    /// Each feature of each group, then each series of `given`, in the order of the configuration.
    pub inputs: Vec<InputImportance>,
}

/// What one input is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputImportance {
    /// `day.momentum`; `given.1` for the first series of `given`.
    pub input: String,
    /// Whose error is measured: the score's, or without weights that of the feature's own group.
    pub forecast: String,
    /// How much the mean squared error rises without it, in squared units of the target; of a quantile or a
    /// position how much its own loss does. Below zero the forecast is better without it.
    pub error_rise: f64,
    /// How much the out-of-sample R² falls.
    pub r_squared_fall: Option<f64>,
}

/// What a model forecasts for columns like those that it reads, with a value on every bar.
pub type Predict<'a> = dyn Fn(&[InstrumentData]) -> Result<Vec<Prediction>> + Sync + 'a;

/// One input of a model.
#[derive(Clone, Copy)]
enum Input {
    Feature { group: usize, feature: usize },
    Given(usize),
}

impl Importance {
    /// Measures each input on samples of the test range; at most 500 of them, evenly spaced, where there are
    /// more. `reference` is the squared error of the training mean on all of them, where R² is defined. None
    /// without samples.
    ///
    /// # Errors
    /// Where the model does not forecast.
    pub fn of(
        configuration: &Configuration,
        data: &[InstrumentData],
        samples: &[Sample],
        reference: Option<f64>,
        predict: &Predict<'_>,
    ) -> Result<Option<Self>> {
        let most = samples.len().min(MOST);
        let spaced: Vec<Sample> = (0..most).map(|number| samples[number * samples.len() / most]).collect();
        let shown = windows(configuration, data, &spaced);
        let target: Vec<f64> = shown.iter().flat_map(|of| of.target.iter().copied()).collect();
        if target.is_empty() {
            return Ok(None);
        }

        // What each forecast costs, with the columns as `change` leaves them.
        let errors = |change: &mut dyn FnMut(&mut InstrumentData)| -> Result<Vec<f64>> {
            let mut data = shown.clone();
            data.iter_mut().for_each(change);
            let mut forecasts: Vec<Vec<f64>> = Vec::new();
            for Prediction { groups, blend } in predict(&data)? {
                let columns = groups.iter().chain(blend.as_ref().map(|blend| &blend.score));
                forecasts.resize(forecasts.len().max(columns.clone().count()), Vec::new());
                forecasts.iter_mut().zip(columns).for_each(|(all, column)| all.extend_from_slice(column));
            }
            let cost = |forecast: &Vec<f64>| mean_loss(configuration.loss, Forecaster::Model, forecast, &target);
            Ok(forecasts.iter().filter_map(cost).collect())
        };
        let whole = errors(&mut |_| {})?;
        let all = inputs(configuration);
        let measure = |(number, (name, input)): (usize, &(String, Input))| -> Result<Option<InputImportance>> {
            let mut random = Random::new(configuration.seed, Purpose::Importance, number);
            let shuffled = errors(&mut |of| shuffle(configuration, of, *input, &mut random))?;
            let (judged, forecast) = match (input, &configuration.weighting) {
                (Input::Feature { group, .. }, None) => (*group, configuration.groups[*group].name.clone()),
                _ => (configuration.groups.len(), "score".to_owned()),
            };
            let Some((with, without)) = whole.get(judged).zip(shuffled.get(judged)) else { return Ok(None) };
            let error_rise = without - with;
            let r_squared_fall = reference.filter(|reference| *reference > 0.0).map(|reference| error_rise / reference);
            Ok(Some(InputImportance { input: name.clone(), forecast, error_rise, r_squared_fall }))
        };
        let measured = all.par_iter().enumerate().map(measure).collect::<Result<Vec<_>>>()?;
        Ok(Some(Self { samples: most, inputs: measured.into_iter().flatten().collect() }))
    }
}

fn inputs(configuration: &Configuration) -> Vec<(String, Input)> {
    let mut inputs = Vec::new();
    for (group, of) in configuration.groups.iter().enumerate() {
        let named =
            |(feature, name): (usize, &String)| (format!("{}.{name}", of.name), Input::Feature { group, feature });
        inputs.extend(of.features.iter().enumerate().map(named));
    }
    let given = configuration.given();
    inputs.extend((0..given).map(|index| (format!("given.{}", index + 1), Input::Given(index))));
    inputs
}

/// The columns of samples alone: each bar is a sample, and its windows are laid end to end, so that each
/// has its own.
fn windows(configuration: &Configuration, data: &[InstrumentData], samples: &[Sample]) -> Vec<InstrumentData> {
    let of = |(instrument, of): (usize, &InstrumentData)| {
        let bars: Vec<usize> =
            samples.iter().filter(|sample| sample.instrument == instrument).map(|sample| sample.bar).collect();
        let picked = |column: &[f64]| bars.iter().map(|bar| column[*bar]).collect::<Vec<f64>>();
        let groups = configuration.groups.iter().zip(&of.groups).map(|(group, columns)| {
            // A sample was forecast, so that its window is there.
            let ends: Vec<usize> = bars.iter().filter_map(|bar| columns.visible[*bar]).collect();
            let window = |column: &Column| -> Column {
                let windows = ends.iter().flat_map(|end| &column[end + 1 - group.lookback..=*end]);
                windows.copied().collect::<Vec<f64>>().into()
            };
            GroupColumns {
                features: columns.features.iter().map(window).collect(),
                visible: (1..=ends.len()).map(|number| Some(number * group.lookback - 1)).collect(),
            }
        });
        InstrumentData {
            name: of.name.clone(),
            groups: groups.collect(),
            given: of.given.iter().map(|column| picked(column).into()).collect(),
            target: picked(&of.target),
            instants: bars.iter().map(|bar| of.instants[*bar]).collect(),
            known_at: bars.iter().map(|bar| of.known_at[*bar]).collect(),
        }
    };
    data.iter().enumerate().map(of).collect()
}

/// One input of an instrument's samples changes places.
fn shuffle(configuration: &Configuration, data: &mut InstrumentData, input: Input, random: &mut Random) {
    let (column, length) = match input {
        Input::Feature { group, feature } => {
            (&mut data.groups[group].features[feature], configuration.groups[group].lookback)
        }
        Input::Given(index) => (&mut data.given[index], 1),
    };
    let mut windows: Vec<&[f64]> = column.chunks_exact(length).collect();
    random.displace(&mut windows);
    *column = windows.concat().into();
}

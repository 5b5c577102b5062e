//! The samples that a model is judged on: what came, what it said, and what naive forecasts said.

use crate::data::Column;
use crate::error::Result;
use crate::models::configuration::Configuration;
use crate::models::quality::baselines::{BASELINES, last_rows, last_values, ridge};
use crate::models::quality::figures::{Figures, Outcomes, mean_squared_error};
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::inputs::ModelInputs;
use crate::models::samples::scaler::Scaler;
use crate::models::samples::split::{Range, Ranges};
use crate::models::trained::Prediction;

/// One fit of a model, and the bars that it is judged on: those from the start of its test range to
/// `until`.
#[derive(Clone, Copy, Debug)]
pub struct Fold<'a> {
    /// How its inputs are scaled.
    pub scaler: &'a Scaler,
    /// What it was trained, validated and tested on.
    pub ranges: &'a Ranges,
    /// The close instant (µs, UTC) from which another fit forecasts; `i64::MAX` where none does.
    pub until: i64,
}

/// What is judged: plain columns with a value a sample, in order of time and then of instruments.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// Where each sample is.
    pub samples: Vec<Sample>,
    /// The close instant of its bar (µs, UTC).
    pub instants: Vec<i64>,
    /// How many bars its label takes to be known.
    pub spans: Vec<usize>,
    /// What came.
    pub target: Vec<f64>,
    /// What each forecast said: a column each.
    pub forecasts: Vec<Vec<f64>>,
    /// What each of [`BASELINES`] said.
    pub baselines: Vec<Vec<f64>>,
    /// The weight of each group; empty without weights.
    pub weights: Vec<Vec<f64>>,
}

impl Tested {
    /// The samples of a fold: bars of its test range whose label and every forecast are known.
    ///
    /// # Errors
    /// Where the columns do not fit the configuration.
    pub fn new(
        configuration: &Configuration,
        fold: Fold<'_>,
        data: &[InstrumentData],
        predictions: &[Prediction],
    ) -> Result<Self> {
        let judged = fold.ranges.test.from..fold.until;
        let mut samples = Vec::new();
        for (instrument, (of, prediction)) in data.iter().zip(predictions).enumerate() {
            let fit = |bar: &usize| {
                let known = judged.contains(&of.instants[*bar]) && of.target[*bar].is_finite();
                known && columns(prediction).all(|column| column[*bar].is_finite())
            };
            samples.extend((0..of.instants.len()).filter(fit).map(|bar| Sample { instrument, bar }));
        }
        samples.sort_by_key(|sample| data[sample.instrument].instants[sample.bar]);

        let of = |pick: &dyn Fn(Sample) -> f64| samples.iter().map(|sample| pick(*sample)).collect::<Vec<f64>>();
        let count = predictions.first().map_or(0, |prediction| columns(prediction).count());
        let forecast = |index: usize| {
            let column = |prediction| columns(prediction).nth(index);
            of(&|Sample { instrument, bar }| column(&predictions[instrument]).map_or(f64::NAN, |column| column[bar]))
        };
        let weight = |group: usize| {
            of(&|Sample { instrument, bar }| {
                predictions[instrument].blend.as_ref().map_or(f64::NAN, |blend| blend.weights[group][bar])
            })
        };
        let weighed = if configuration.weighting.is_some() { configuration.groups.len() } else { 0 };
        let span = |Sample { instrument, bar }: &Sample| {
            let InstrumentData { instants, known_at, .. } = &data[*instrument];
            instants.partition_point(|instant| *instant < known_at[*bar]) - bar
        };
        Ok(Self {
            instants: samples.iter().map(|sample| data[sample.instrument].instants[sample.bar]).collect(),
            spans: samples.iter().map(span).collect(),
            target: of(&|sample| data[sample.instrument].target[sample.bar]),
            forecasts: (0..count).map(forecast).collect(),
            baselines: baselines(configuration, fold, data, &samples)?,
            weights: (0..weighed).map(weight).collect(),
            samples,
        })
    }

    /// The samples of several folds, whose test ranges follow each other.
    pub fn stitched(folds: &[Tested]) -> Tested {
        let join = |into: &mut Vec<Vec<f64>>, columns: &[Vec<f64>]| {
            into.resize(into.len().max(columns.len()), Vec::new());
            into.iter_mut().zip(columns).for_each(|(into, column)| into.extend_from_slice(column));
        };
        let mut all = Tested::default();
        for fold in folds {
            all.samples.extend_from_slice(&fold.samples);
            all.instants.extend_from_slice(&fold.instants);
            all.spans.extend_from_slice(&fold.spans);
            all.target.extend_from_slice(&fold.target);
            join(&mut all.forecasts, &fold.forecasts);
            join(&mut all.baselines, &fold.baselines);
            join(&mut all.weights, &fold.weights);
        }
        all
    }

    /// How many bars a label takes to be known, in the mean.
    pub fn span(&self) -> f64 {
        self.spans.iter().sum::<usize>() as f64 / self.spans.len().max(1) as f64
    }

    /// The instants of the first and the last sample, and how many samples there are.
    pub fn range(&self) -> Range {
        let instant = |instant: Option<&i64>| instant.copied().unwrap_or_default();
        Range { from: instant(self.instants.first()), to: instant(self.instants.last()), samples: self.samples.len() }
    }

    /// The figures of columns of forecasts.
    pub fn figures<'a>(&self, names: impl Iterator<Item = &'a str>, columns: &[Vec<f64>]) -> Vec<Figures> {
        let [_, training_mean, ..] = &self.baselines[..] else { return Vec::new() };
        let reference = mean_squared_error(training_mean, &self.target);
        let outcomes = Outcomes { target: &self.target, instants: &self.instants, span: self.span(), reference };
        names.zip(columns).map(|(name, column)| Figures::of(name, column, outcomes)).collect()
    }
}

/// The names of a model's forecasts: its groups', then `score` where there are weights.
pub fn forecast_names(configuration: &Configuration) -> impl Iterator<Item = &str> {
    let score = configuration.weighting.as_ref().map(|_| "score");
    configuration.groups.iter().map(|group| group.name.as_str()).chain(score)
}

fn columns(prediction: &Prediction) -> impl Iterator<Item = &Column> {
    prediction.groups.iter().chain(prediction.blend.as_ref().map(|blend| &blend.score))
}

/// What each of [`BASELINES`] says of samples. Where an instrument has no known label yet, the last value
/// is the training mean.
fn baselines(
    configuration: &Configuration,
    fold: Fold<'_>,
    data: &[InstrumentData],
    samples: &[Sample],
) -> Result<Vec<Vec<f64>>> {
    let Ranges { train, validation, test } = fold.ranges;
    let mean = fold.scaler.target.centre;
    let last: Vec<Vec<f64>> = data.iter().map(last_values).collect();
    let last = samples.iter().map(|sample| last[sample.instrument][sample.bar]);
    let inputs = ModelInputs::new(configuration, fold.scaler, data);
    let usable = usable(configuration, data)?;
    // As the split has them: no label of a range reaches into the next.
    let within = |range: &Range, next: &Range| {
        let inside = |sample: &&Sample| {
            let InstrumentData { instants, known_at, .. } = &data[sample.instrument];
            (range.from..=range.to).contains(&instants[sample.bar]) && known_at[sample.bar] < next.from
        };
        usable.iter().filter(inside).copied().collect::<Vec<_>>()
    };
    let line = ridge(configuration, &inputs, data, &within(train, validation), &within(validation, test));
    let ridge = samples
        .iter()
        .map(|sample| line.as_ref().map_or(mean, |line| line.forecast(&last_rows(configuration, &inputs, *sample))));
    let columns: [Vec<f64>; BASELINES.len()] = [
        vec![0.0; samples.len()],
        vec![mean; samples.len()],
        last.map(|value| if value.is_finite() { value } else { mean }).collect(),
        ridge.collect(),
    ];
    Ok(columns.into())
}

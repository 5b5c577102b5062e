//! The samples that a model is judged on: what came, what it said, and what naive forecasts said.

use crate::data::Column;
use crate::error::Result;
use crate::models::configuration::Configuration;
use crate::models::prediction::Prediction;
use crate::models::quality::baselines::{BASELINES, Line, last_values};
use crate::models::quality::figures::{Figures, Outcomes, mean, mean_squared_error};
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::fold::{Range, Ranges};
use crate::models::samples::scaler::quantile;
use crate::models::trained::Fit;
use crate::models::training::loss::Loss;

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
    /// What the model was trained by.
    pub loss: Loss,
}

impl Tested {
    /// The samples of a fit: bars that it forecasts and was not fitted to, whose label and every forecast are
    /// known.
    ///
    /// # Errors
    /// Where the columns do not fit the configuration.
    pub fn new(
        configuration: &Configuration,
        fit: &Fit,
        data: &[InstrumentData],
        predictions: &[Prediction],
    ) -> Result<Self> {
        let mut samples = Vec::new();
        for (instrument, (of, prediction)) in data.iter().zip(predictions).enumerate() {
            let judged = |bar: &usize| {
                let known = (fit.from..fit.until).contains(&of.instants[*bar]) && of.target[*bar].is_finite();
                known && columns(prediction).all(|column| column[*bar].is_finite())
            };
            if fit.covers(instrument) && fit.scalers.of(instrument).is_some() {
                samples.extend((0..of.instants.len()).filter(judged).map(|bar| Sample { instrument, bar }));
            }
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
            baselines: baselines(configuration, fit, data, &samples)?,
            weights: (0..weighed).map(weight).collect(),
            loss: configuration.loss,
            samples,
        })
    }

    /// The samples of several fits together.
    pub fn joined<'a>(parts: impl Iterator<Item = &'a Tested>) -> Tested {
        let mut all = Tested::default();
        let join = |into: &mut Vec<Vec<f64>>, columns: &[Vec<f64>]| {
            into.resize(into.len().max(columns.len()), Vec::new());
            into.iter_mut().zip(columns).for_each(|(into, column)| into.extend_from_slice(column));
        };
        for part in parts {
            all.samples.extend_from_slice(&part.samples);
            all.instants.extend_from_slice(&part.instants);
            all.spans.extend_from_slice(&part.spans);
            all.target.extend_from_slice(&part.target);
            join(&mut all.forecasts, &part.forecasts);
            join(&mut all.baselines, &part.baselines);
            join(&mut all.weights, &part.weights);
            all.loss = part.loss;
        }
        let mut order: Vec<usize> = (0..all.samples.len()).collect();
        order.sort_by_key(|place| (all.instants[*place], all.samples[*place].instrument));
        let sorted = |columns: &[Vec<f64>]| columns.iter().map(|column| ordered(column, &order)).collect();
        Tested {
            samples: ordered(&all.samples, &order),
            instants: ordered(&all.instants, &order),
            spans: ordered(&all.spans, &order),
            target: ordered(&all.target, &order),
            forecasts: sorted(&all.forecasts),
            baselines: sorted(&all.baselines),
            weights: sorted(&all.weights),
            loss: all.loss,
        }
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

    /// The mean of the target over the training range of each sample's fit; nothing where nothing is judged.
    pub fn training_means(&self) -> &[f64] {
        self.baselines.get(1).map_or(&[], Vec::as_slice)
    }

    /// The squared error of the training mean; none where the model does not forecast the mean.
    pub fn reference(&self) -> Option<f64> {
        self.loss.forecasts_the_mean().then(|| mean_squared_error(self.training_means(), &self.target)).flatten()
    }

    /// The figures of columns of forecasts.
    pub fn figures<'a>(&self, names: impl Iterator<Item = &'a str>, columns: &[Vec<f64>]) -> Vec<Figures> {
        let (span, reference) = (self.span(), self.reference());
        let outcomes = Outcomes { target: &self.target, instants: &self.instants, span, reference };
        names.zip(columns).map(|(name, column)| Figures::of(name, column, outcomes)).collect()
    }
}

fn ordered<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|place| values[*place]).collect()
}

/// The names of a model's forecasts: its groups', then `score` where there are weights.
pub fn forecast_names(configuration: &Configuration) -> impl Iterator<Item = &str> {
    let score = configuration.weighting.as_ref().map(|_| "score");
    configuration.groups.iter().map(|group| group.name.as_str()).chain(score)
}

fn columns(prediction: &Prediction) -> impl Iterator<Item = &Column> {
    prediction.groups.iter().chain(prediction.blend.as_ref().map(|blend| &blend.score))
}

/// How far the quantile that a model forecasts lies from the mean of the training range; 0 for other models.
fn quantile_apart(loss: Loss, mut targets: Vec<f64>) -> f64 {
    let Loss::Quantile { quantile: share } = loss else { return 0.0 };
    targets.sort_unstable_by(f64::total_cmp);
    let of = quantile(&targets, share).zip(mean(targets.iter().copied()));
    of.map_or(0.0, |(quantile, mean)| quantile - mean)
}

/// What each of [`BASELINES`] says of samples of a fit. Where an instrument has no known label yet, the last value
/// is the training mean. Beside a model of a quantile each lies as much higher as that quantile lies above the mean
/// of the training range.
fn baselines(
    configuration: &Configuration,
    fit: &Fit,
    data: &[InstrumentData],
    samples: &[Sample],
) -> Result<Vec<Vec<f64>>> {
    let Ranges { train, validation, .. } = fit.ranges;
    let mean = |sample: &Sample| fit.scalers.of(sample.instrument).map_or(f64::NAN, |scaler| scaler.target_mean);
    let known: Vec<Vec<f64>> = data.iter().map(last_values).collect();
    let last = |sample: &Sample| {
        let value = known[sample.instrument][sample.bar];
        if value.is_finite() { value } else { mean(sample) }
    };
    let usable = usable(configuration, data)?;
    // As the fold has them: no label of a range reaches into the next.
    let within = |range: Range, next: i64| {
        let inside = |sample: &&Sample| {
            let InstrumentData { instants, known_at, .. } = &data[sample.instrument];
            let own = fit.covers(sample.instrument) && fit.scalers.of(sample.instrument).is_some();
            own && (range.from..=range.to).contains(&instants[sample.bar]) && known_at[sample.bar] < next
        };
        usable.iter().filter(inside).copied().collect::<Vec<_>>()
    };
    let (train, validation) = (within(train, validation.from), within(validation, fit.from));
    let line = Line::fit(configuration, &fit.scalers, data, &train, &validation);
    let mut columns: [Vec<f64>; BASELINES.len()] = [
        vec![0.0; samples.len()],
        samples.iter().map(mean).collect(),
        samples.iter().map(last).collect(),
        samples.iter().map(|sample| line.forecast(*sample)).collect(),
    ];
    let apart = quantile_apart(configuration.loss, train.iter().map(|s| data[s.instrument].target[s.bar]).collect());
    columns.iter_mut().flatten().for_each(|value| *value += apart);
    Ok(columns.into())
}

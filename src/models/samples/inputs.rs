//! What the networks see: scaled columns, cut into windows and batches.

use burn_core::tensor::{DType, Device, Tensor, TensorData};

use crate::data::Column;
use crate::models::configuration::{Configuration, Group};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::scaler::{FeatureScale, Scaler};
use crate::models::samples::scalers::Scalers;
use crate::networks::matrix;

/// The scaled columns of all instruments.
#[derive(Clone, Debug)]
pub struct ModelInputs {
    groups: Vec<GroupInputs>,
    given: Vec<Vec<f32>>,
    given_width: usize,
    target: Vec<Vec<f32>>,
    /// How much each base bar counts; empty where all count the same.
    weights: Vec<Vec<f32>>,
}

/// One group's columns of all instruments, each as one block of rows.
#[derive(Clone, Debug)]
struct GroupInputs {
    lookback: usize,
    width: usize,
    rows: Vec<Vec<f32>>,
    visible: Vec<Vec<Option<usize>>>,
}

/// What one step of training, or of prediction, works on.
#[derive(Clone, Debug)]
pub struct Batch {
    /// For each group its windows, the oldest step first: `[steps, samples, features]`.
    pub groups: Vec<Tensor<3>>,
    /// `[samples, given]`, where there are weights.
    pub given: Option<Tensor<2>>,
    /// `[samples, 1]`; NaN where the label is not known.
    pub target: Tensor<2>,
    /// `[samples, 1]`: how much each counts; none where all count the same.
    pub weights: Option<Tensor<2>>,
    /// How many samples.
    pub samples: usize,
}

impl ModelInputs {
    /// Scales the columns that the configuration and the scaler describe.
    pub fn new(configuration: &Configuration, scalers: &Scalers, data: &[InstrumentData]) -> Self {
        // An instrument without a scaler shows nothing.
        let scaled = |instrument: usize, scales: &dyn Fn(&Scaler) -> Vec<FeatureScale>, columns: &[&[f64]]| {
            scalers.of(instrument).map_or_else(Vec::new, |scaler| scale(&scales(scaler), columns))
        };
        let targets = |instrument: usize, of: &InstrumentData| {
            let scaled = |scaler: &Scaler| of.target.iter().map(|value| scaler.target.apply(*value) as f32).collect();
            scalers.of(instrument).map_or_else(Vec::new, scaled)
        };
        let each = || data.iter().enumerate();
        let group = |(index, group): (usize, &Group)| GroupInputs {
            lookback: group.lookback,
            width: group.features.len(),
            rows: each()
                .map(|(at, of)| {
                    scaled(at, &|scaler| scaler.groups[index].clone(), &columns(&of.groups[index].features))
                })
                .collect(),
            visible: data.iter().map(|of| of.groups[index].visible.clone()).collect(),
        };
        Self {
            groups: configuration.groups.iter().enumerate().map(group).collect(),
            given: each().map(|(at, of)| scaled(at, &|scaler| scaler.given.clone(), &columns(&of.given))).collect(),
            given_width: configuration.given(),
            target: each().map(|(at, of)| targets(at, of)).collect(),
            weights: Vec::new(),
        }
    }

    /// The same where samples count by these weights, and all others by 1.
    #[must_use]
    pub fn weighed(mut self, samples: &[Sample], weights: &[f64]) -> Self {
        self.weights = self.target.iter().map(|target| vec![1.0; target.len()]).collect();
        for (sample, weight) in samples.iter().zip(weights) {
            self.weights[sample.instrument][sample.bar] = *weight as f32;
        }
        self
    }

    /// The window of a group that a sample shows: row after row, the oldest first; empty where the
    /// group does not reach so far back.
    pub fn window(&self, group: usize, sample: Sample) -> &[f32] {
        let group = &self.groups[group];
        let window = group.visible[sample.instrument][sample.bar].and_then(|last| {
            let first = (last + 1).checked_sub(group.lookback)?;
            group.rows[sample.instrument].get(first * group.width..(last + 1) * group.width)
        });
        window.unwrap_or_default()
    }

    /// The scaled values that the weights depend on, of one sample.
    pub fn given(&self, sample: Sample) -> &[f32] {
        &self.given[sample.instrument][sample.bar * self.given_width..(sample.bar + 1) * self.given_width]
    }

    /// The scaled target of a sample; NaN where the label is not known.
    pub fn target(&self, sample: Sample) -> f32 {
        self.target[sample.instrument][sample.bar]
    }

    /// How much a sample counts; none where all count the same.
    pub fn weight(&self, sample: Sample) -> Option<f32> {
        Some(self.weights.get(sample.instrument)?[sample.bar])
    }

    /// Samples as tensors; every one of them must be predictable.
    pub fn batch(&self, samples: &[Sample], device: &Device) -> Batch {
        let count = samples.len();
        let windows = |(index, group): (usize, &GroupInputs)| {
            let windows: Vec<&[f32]> = samples.iter().map(|sample| self.window(index, *sample)).collect();
            let mut values = Vec::with_capacity(group.lookback * count * group.width);
            for step in 0..group.lookback {
                for window in &windows {
                    values.extend_from_slice(&window[step * group.width..(step + 1) * group.width]);
                }
            }
            Tensor::from_data(TensorData::new(values, [group.lookback, count, group.width]), (device, DType::F32))
        };
        let given = samples.iter().flat_map(|sample| self.given(*sample)).copied();
        let target = samples.iter().map(|sample| self.target(*sample));
        let weights: Option<Vec<f32>> = samples.iter().map(|sample| self.weight(*sample)).collect();
        Batch {
            groups: self.groups.iter().enumerate().map(windows).collect(),
            given: (self.given_width > 0).then(|| matrix(given.collect(), [count, self.given_width], device)),
            target: matrix(target.collect(), [count, 1], device),
            weights: weights.map(|weights| matrix(weights, [count, 1], device)),
            samples: count,
        }
    }
}

fn columns(columns: &[Column]) -> Vec<&[f64]> {
    columns.iter().map(|column| &column[..]).collect()
}

/// Columns to rows, each value scaled.
fn scale(scales: &[FeatureScale], columns: &[&[f64]]) -> Vec<f32> {
    let rows = columns.first().map_or(0, |column| column.len());
    let row = |row: usize| scales.iter().zip(columns).map(move |(scale, column)| scale.apply(column[row]) as f32);
    (0..rows).flat_map(row).collect()
}

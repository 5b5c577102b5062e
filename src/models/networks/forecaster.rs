//! The networks of a model together: from a batch to forecasts, weights and losses.

use std::ops::Range;
use std::sync::Arc;

use burn_core::tensor::{Device, Tensor};

use crate::error::{Diagnostic, Result};
use crate::models::artifacts::state_dict::StateDict;
use crate::models::configuration::Configuration;
use crate::models::networks::layers::{Dropout, Linear, Mixer};
use crate::models::networks::lstm::Lstm;
use crate::models::recurrent::Memory;
use crate::models::samples::inputs::Batch;
use crate::models::training::random::{Purpose, Random};

/// What a phase of training minimises, all on scaled targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The squared error of one group's forecast.
    Group(usize),
    /// The squared error of the score, with the LSTMs as they are.
    Score,
    /// The squared error of the score plus so much of the groups' mean.
    Joint(f64),
}

/// The networks of a model, on the parameters of a state dict.
#[derive(Clone, Debug)]
pub struct Forecaster {
    groups: Vec<(Lstm, Linear)>,
    mixer: Option<Mixer>,
    memory: Arc<Memory>,
}

impl Forecaster {
    /// The networks that the configuration describes.
    ///
    /// # Errors
    /// Where a parameter is missing.
    pub fn new(configuration: &Configuration, state: &StateDict) -> Result<Self> {
        let network =
            |name: &str| Ok((Lstm::new(state, &format!("{name}.lstm"))?, Linear::new(state, &format!("{name}.head"))?));
        let groups = configuration.groups.iter().map(|group| network(&group.name)).collect::<Result<_>>()?;
        let mixer = configuration.weighting.as_ref().map(|_| Mixer::new(state, MIXER)).transpose()?;
        Ok(Self { groups, mixer, memory: Arc::default() })
    }

    /// The same networks on other parameters. They share this one's memory, so that a step of training does
    /// not ask the system for what the one before gave back.
    ///
    /// # Errors
    /// Where a parameter is missing.
    pub fn renewed(&self, configuration: &Configuration, state: &StateDict) -> Result<Self> {
        Ok(Self { memory: Arc::clone(&self.memory), ..Self::new(configuration, state)? })
    }

    /// One group's scaled forecast: `[samples, 1]`.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn group(&self, group: usize, batch: &Batch, dropout: &mut Dropout) -> Result<Tensor<2>> {
        self.forecasts(group..group + 1, batch, dropout)
    }

    /// Every group's scaled forecast: `[samples, groups]`.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn groups(&self, batch: &Batch, dropout: &mut Dropout) -> Result<Tensor<2>> {
        self.forecasts(0..self.groups.len(), batch, dropout)
    }

    fn forecasts(&self, groups: Range<usize>, batch: &Batch, dropout: &mut Dropout) -> Result<Tensor<2>> {
        let lstms: Vec<&Lstm> = self.groups[groups.clone()].iter().map(|(lstm, _)| lstm).collect();
        let last = Lstm::last_of_each(&lstms, batch.groups[groups.clone()].to_vec(), dropout, &self.memory)?;
        let heads = self.groups[groups].iter().map(|(_, head)| head);
        let mut forecasts: Vec<_> = heads.zip(last).map(|(head, last)| head.forward(dropout.apply(last))).collect();
        Ok(if forecasts.len() == 1 { forecasts.swap_remove(0) } else { Tensor::cat(forecasts, 1) })
    }

    /// The weights: `[samples, groups]`, where there are any.
    pub fn weights(&self, batch: &Batch) -> Option<Tensor<2>> {
        Some(self.mixer.as_ref()?.forward(batch.given.clone()?))
    }

    /// The loss of a batch: one number.
    ///
    /// # Errors
    /// Where the objective is about a score and there are no weights.
    pub fn loss(&self, objective: Objective, batch: &Batch, dropout: &mut Dropout) -> Result<Tensor<1>> {
        let error = |forecast: Tensor<2>| {
            let difference = forecast - batch.target.clone();
            (difference.clone() * difference).mean()
        };
        let auxiliary = match objective {
            Objective::Group(group) => return Ok(error(self.group(group, batch, dropout)?)),
            Objective::Score => 0.0,
            Objective::Joint(auxiliary) => auxiliary,
        };
        let forecasts = self.groups(batch, dropout)?;
        let weights =
            self.weights(batch).ok_or_else(|| Diagnostic::new("there are no weights to make a score with"))?;
        let score = error((weights * forecasts.clone()).sum_dim(1));
        // The target has one column: it stands beside each group's forecast.
        Ok(if auxiliary > 0.0 { score + error(forecasts) * auxiliary } else { score })
    }
}

/// The prefix of the mixer's parameters; no group has this name.
pub const MIXER: &str = "weights";

/// The names and shapes of every parameter, with the bound of its first values: uniform within one
/// over the root of the inputs (of the hidden size for an LSTM), as PyTorch's.
pub fn parameters(configuration: &Configuration) -> Vec<(String, Vec<usize>, f64)> {
    let hidden = configuration.hidden;
    let mut all = Vec::new();
    let linear = |prefix: String, inputs: usize, outputs: usize| {
        let bound = 1.0 / (inputs as f64).sqrt();
        [(format!("{prefix}.weight"), vec![outputs, inputs], bound), (format!("{prefix}.bias"), vec![outputs], bound)]
    };
    for group in &configuration.groups {
        for layer in 0..configuration.layers {
            let inputs = if layer == 0 { group.features.len() } else { hidden };
            let shapes: [(&str, Vec<usize>); 4] = [
                ("weight_ih", vec![4 * hidden, inputs]),
                ("weight_hh", vec![4 * hidden, hidden]),
                ("bias_ih", vec![4 * hidden]),
                ("bias_hh", vec![4 * hidden]),
            ];
            let bound = 1.0 / (hidden as f64).sqrt();
            let name = |part: &str| format!("{}.lstm.{part}_l{layer}", group.name);
            all.extend(shapes.map(|(part, shape)| (name(part), shape, bound)));
        }
        all.extend(linear(format!("{}.head", group.name), hidden, 1));
    }
    if let Some(weighting) = &configuration.weighting {
        all.extend(linear(format!("{MIXER}.0"), weighting.given, weighting.hidden));
        all.extend(linear(format!("{MIXER}.2"), weighting.hidden, configuration.groups.len()));
    }
    all
}

/// How many numbers training has to find.
pub fn trainable_parameters(configuration: &Configuration) -> usize {
    parameters(configuration).iter().map(|(_, shape, _)| shape.iter().product::<usize>()).sum()
}

/// The first parameters, fixed by the configuration's seed.
///
/// # Errors
/// Never in practice: the shapes are our own.
pub fn initial(configuration: &Configuration, device: &Device) -> Result<StateDict> {
    let mut random = Random::new(configuration.seed, Purpose::Initialisation, 0);
    let mut state = StateDict::default();
    for (name, shape, bound) in parameters(configuration) {
        let count = shape.iter().product();
        state.insert(&name, &shape, random.symmetric(count, bound), device)?;
    }
    Ok(state)
}

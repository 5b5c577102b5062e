//! The networks of a model together: from a batch to forecasts, weights and losses.

use std::ops::Range;
use std::sync::Arc;

use burn_core::tensor::{Device, Tensor};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::Configuration;
use crate::models::samples::inputs::Batch;
use crate::models::training::loss::Loss;
use crate::models::weighting::{self, Mixing};
use crate::networks::{Dropout, Initial, Linear, Networks, ParameterShape, Purpose, Random, StateDict};

/// What a phase of training minimises, all on scaled targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The loss of one group's forecast.
    Group(usize),
    /// The loss of the score, with the groups' networks as they are.
    Score,
    /// The loss of the score plus so much of the groups' mean.
    Joint(f64),
}

/// The networks of a model, on the parameters of a state dict.
#[derive(Clone, Debug)]
pub struct Forecaster {
    networks: Arc<dyn Networks>,
    heads: Vec<Linear>,
    mixing: Option<Mixing>,
    loss: Loss,
}

/// What the networks make of a batch.
struct Said {
    /// What each network hands to its head: `[samples, units]`.
    units: Vec<Tensor<2>>,
    /// What each head says of it, as [`Loss::read`] gives it.
    heads: Vec<Tensor<2>>,
}

impl Forecaster {
    /// The networks that the configuration describes.
    ///
    /// # Errors
    /// Where a parameter is missing.
    pub fn new(configuration: &Configuration, state: &StateDict) -> Result<Self> {
        let prefixes: Vec<&str> = configuration.groups.iter().map(|group| group.name.as_str()).collect();
        let networks = configuration.design.architecture.networks(state, &prefixes)?;
        let heads = prefixes.iter().map(|name| Linear::new(state, &format!("{name}.head"))).collect::<Result<_>>()?;
        let mixing = Mixing::new(configuration, state)?;
        Ok(Self { networks: networks.into(), heads, mixing, loss: configuration.loss })
    }

    /// What each network hands to its head, with nothing dropped: `[samples, units]` a group.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn units(&self, batch: &Batch) -> Result<Vec<Tensor<2>>> {
        let windows: Vec<_> = batch.groups.iter().enumerate().collect();
        self.networks.forward(&windows, &mut Dropout::none())
    }

    fn said(&self, groups: Range<usize>, batch: &Batch, dropout: &mut Dropout) -> Result<Said> {
        let windows: Vec<_> = groups.clone().map(|group| (group, &batch.groups[group])).collect();
        let units = self.networks.forward(&windows, dropout)?;
        let heads = self.heads[groups].iter().zip(&units);
        let heads = heads.map(|(head, units)| self.loss.read(head.forward(dropout.apply(units.clone())))).collect();
        Ok(Said { units, heads })
    }

    /// Every group's forecast, as the target is scaled, and their weights where the networks have any:
    /// `[samples, groups]` each.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn forecast(&self, batch: &Batch) -> Result<(Tensor<2>, Option<Tensor<2>>)> {
        let said = self.said(0..self.heads.len(), batch, &mut Dropout::none())?;
        let weights = self.mixing.as_ref().map(|mixing| mixing.forward(batch, &said.units)).transpose()?;
        let forecasts = said.heads.into_iter().map(|said| self.loss.forecast(said)).collect();
        Ok((Tensor::cat(forecasts, 1), weights))
    }

    /// The loss of a batch: one number.
    ///
    /// # Errors
    /// Where the objective is about a score and there are no weights, or the device fails to give the numbers.
    pub fn loss(&self, objective: Objective, batch: &Batch, dropout: &mut Dropout) -> Result<Tensor<1>> {
        let loss = |said: Tensor<2>| self.loss.of(said, &batch.target, batch.weights.as_ref());
        let auxiliary = match objective {
            Objective::Group(group) => {
                let mut said = self.said(group..group + 1, batch, dropout)?;
                return Ok(loss(said.heads.swap_remove(0)));
            }
            Objective::Score => 0.0,
            Objective::Joint(auxiliary) => auxiliary,
        };
        let Said { units, heads } = self.said(0..self.heads.len(), batch, dropout)?;
        let mixing = self.mixing.as_ref();
        let mixing = mixing.ok_or_else(|| Diagnostic::new("there are no weights to make a score with"))?;
        let score = loss(self.loss.mix(&heads, &mixing.forward(batch, &units)?));
        if auxiliary == 0.0 {
            return Ok(score);
        }
        let share = auxiliary / heads.len() as f64;
        Ok(heads.into_iter().fold(score, |sum, said| sum + loss(said) * share))
    }
}

/// Every parameter: those of each group's network, its head, and those of the mixer.
pub fn parameters(configuration: &Configuration) -> Vec<ParameterShape> {
    let architecture = &configuration.design.architecture;
    let mut all = Vec::new();
    for group in &configuration.groups {
        let window = configuration.window(group);
        let head = ParameterShape::linear("head", architecture.units(window), configuration.loss.outputs());
        for parameter in architecture.parameters(window).into_iter().chain(head) {
            all.push(ParameterShape { name: format!("{}.{}", group.name, parameter.name), ..parameter });
        }
    }
    if let Some(weighting) = &configuration.weighting {
        let units = configuration.groups.iter();
        let units = units.map(|group| (group.name.as_str(), architecture.units(configuration.window(group))));
        all.extend(weighting::parameters(weighting, &units.collect::<Vec<_>>()));
    }
    all
}

/// How many numbers training has to find.
pub fn trainable_parameters(configuration: &Configuration) -> usize {
    parameters(configuration).iter().map(|parameter| parameter.shape.iter().product::<usize>()).sum()
}

/// The first parameters, fixed by the configuration's seed.
///
/// # Errors
/// Never in practice: the shapes are our own.
pub fn initial(configuration: &Configuration, device: &Device) -> Result<StateDict> {
    let mut random = Random::new(configuration.seed, Purpose::Initialisation, 0);
    let mut state = StateDict::default();
    for ParameterShape { name, shape, initial } in parameters(configuration) {
        let count = shape.iter().product();
        let values = match initial {
            Initial::Uniform(bound) => random.symmetric(count, bound),
            Initial::Constant(value) => vec![value; count],
        };
        state.insert(&name, &shape, values, device)?;
    }
    Ok(state)
}

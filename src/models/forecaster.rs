//! The networks of a model together: from a batch to forecasts, weights and losses.

use std::sync::Arc;

use burn_core::tensor::{Device, Tensor};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::Configuration;
use crate::models::samples::inputs::Batch;
use crate::models::training::loss::Loss;
use crate::networks::{Dropout, Initial, Linear, Mixer, Networks, ParameterShape, Purpose, Random, StateDict};

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
    mixer: Option<Mixer>,
    loss: Loss,
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
        let mixer = configuration.weighting.as_ref().map(|_| Mixer::new(state, MIXER)).transpose()?;
        Ok(Self { networks: networks.into(), heads, mixer, loss: configuration.loss })
    }

    /// What one group says, as [`Loss::read`] gives it.
    fn said(&self, group: usize, batch: &Batch, dropout: &mut Dropout) -> Tensor<2> {
        let units = self.networks.forward(group, &batch.groups[group], dropout);
        self.loss.read(self.heads[group].forward(dropout.apply(units)))
    }

    /// Every group's forecast, as the target is scaled: `[samples, groups]`.
    pub fn groups(&self, batch: &Batch, dropout: &mut Dropout) -> Tensor<2> {
        let forecast = |group: usize| self.loss.forecast(self.said(group, batch, dropout));
        Tensor::cat((0..self.heads.len()).map(forecast).collect(), 1)
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
        let loss = |said: Tensor<2>| self.loss.of(said, &batch.target, batch.weights.as_ref());
        let auxiliary = match objective {
            Objective::Group(group) => return Ok(loss(self.said(group, batch, dropout))),
            Objective::Score => 0.0,
            Objective::Joint(auxiliary) => auxiliary,
        };
        let said: Vec<Tensor<2>> = (0..self.heads.len()).map(|group| self.said(group, batch, dropout)).collect();
        let weights =
            self.weights(batch).ok_or_else(|| Diagnostic::new("there are no weights to make a score with"))?;
        let score = loss(self.loss.mix(&said, &weights));
        if auxiliary == 0.0 {
            return Ok(score);
        }
        let share = auxiliary / said.len() as f64;
        Ok(said.into_iter().fold(score, |sum, said| sum + loss(said) * share))
    }
}

/// The prefix of the mixer's parameters; no group has this name.
pub const MIXER: &str = "weights";

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
        let [first, second] = [0, 2].map(|layer| format!("{MIXER}.{layer}"));
        all.extend(ParameterShape::linear(&first, weighting.given, weighting.hidden));
        all.extend(ParameterShape::linear(&second, weighting.hidden, configuration.groups.len()));
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

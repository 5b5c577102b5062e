//! The part of a model that weighs its groups: networks that are trained, and tables that are fitted.

use burn_core::tensor::Tensor;

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, WeightMethod, Weighting};
use crate::models::samples::inputs::Batch;
use crate::models::weighting::attention::Attention;
use crate::models::weighting::regime::Regimes;
use crate::networks::{Mixer, ParameterShape, StateDict, matrix, values};

/// The prefix of the weights' parameters; no group has this name.
pub const MIXER: &str = "weights";

/// How a batch's groups are weighed.
#[derive(Clone, Debug)]
pub enum Mixing {
    /// A network on `given`.
    Softmax(Box<Mixer>),
    /// A query from `given`, a key from each network.
    Attention(Box<Attention>),
    /// A table of the first series of `given`.
    Regime(Regimes),
    /// All alike.
    Equal,
}

impl Mixing {
    /// That of a configuration; none where there are no weights, and where they come of past errors.
    ///
    /// # Errors
    /// Where a parameter is missing.
    pub fn new(configuration: &Configuration, state: &StateDict) -> Result<Option<Self>> {
        let Some(weighting) = &configuration.weighting else { return Ok(None) };
        Ok(match weighting.method {
            WeightMethod::Softmax => Some(Self::Softmax(Box::new(Mixer::new(state, MIXER)?))),
            WeightMethod::Attention => {
                let groups: Vec<&str> = configuration.groups.iter().map(|group| group.name.as_str()).collect();
                Some(Self::Attention(Box::new(Attention::new(state, MIXER, weighting.hidden, &groups)?)))
            }
            WeightMethod::Regime => Some(Self::Regime(Regimes::read(state)?)),
            WeightMethod::Equal => Some(Self::Equal),
            WeightMethod::InverseError => None,
        })
    }

    /// The weights of a batch, `[samples, groups]`, from what it was given and from each network's units,
    /// `[samples, units]`.
    ///
    /// # Errors
    /// Where the device fails to give the numbers, or there is nothing given.
    pub fn forward(&self, batch: &Batch, units: &[Tensor<2>]) -> Result<Tensor<2>> {
        let given = || batch.given.clone().ok_or_else(|| Diagnostic::new("the weights were given nothing"));
        let device = batch.target.device();
        Ok(match self {
            Mixing::Softmax(mixer) => mixer.forward(given()?),
            Mixing::Attention(attention) => attention.forward(given()?, units),
            Mixing::Regime(regimes) => {
                let given = given()?;
                let width = given.dims()[1];
                let series = values(given)?;
                let rows = series.iter().step_by(width).flat_map(|value| regimes.weights(*value)).copied();
                matrix(rows.collect(), [batch.samples, units.len()], &device)
            }
            Mixing::Equal => {
                let even = 1.0 / units.len() as f32;
                matrix(vec![even; batch.samples * units.len()], [batch.samples, units.len()], &device)
            }
        })
    }
}

/// The parameters of the weights; `units` says how many numbers each group's network hands over.
pub fn parameters(weighting: &Weighting, units: &[(&str, usize)]) -> Vec<ParameterShape> {
    let Weighting { given, hidden, .. } = *weighting;
    match weighting.method {
        WeightMethod::Softmax => {
            let [first, second] = [0, 2].map(|layer| format!("{MIXER}.{layer}"));
            let layers =
                [ParameterShape::linear(&first, given, hidden), ParameterShape::linear(&second, hidden, units.len())];
            layers.into_iter().flatten().collect()
        }
        WeightMethod::Attention => Attention::parameters(MIXER, given, hidden, units),
        WeightMethod::Regime => Regimes::parameters(units.len()).into(),
        WeightMethod::InverseError | WeightMethod::Equal => Vec::new(),
    }
}

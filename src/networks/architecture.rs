//! What a network architecture is: from windows of rows to a few numbers each, before the head.

use std::fmt::Debug;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::networks::{Boosting, Dropout, StateDict};

/// What one network sees of a sample: so many rows, the oldest first, of so many features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows.
    pub steps: usize,
    /// Features a row.
    pub features: usize,
}

/// A parameter of a network: what it is called, its shape, and its first values.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterShape {
    /// Its name, below that of the network: `lstm.weight_ih_l0`.
    pub name: String,
    /// One dimension or two, as PyTorch lays it out: `[outputs, inputs]`.
    pub shape: Vec<usize>,
    /// Its values before training.
    pub initial: Initial,
}

/// The values of a parameter before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// Random, uniform in [-bound, bound).
    Uniform(f64),
    /// All the same.
    Constant(f32),
}

impl ParameterShape {
    /// A parameter with random first values within `bound`.
    pub fn uniform(name: impl Into<String>, shape: &[usize], bound: f64) -> Self {
        Self { name: name.into(), shape: shape.into(), initial: Initial::Uniform(bound) }
    }

    /// A parameter whose first values are all the same.
    pub fn constant(name: impl Into<String>, shape: &[usize], value: f32) -> Self {
        Self { name: name.into(), shape: shape.into(), initial: Initial::Constant(value) }
    }

    /// Weight and bias of a linear layer: uniform within one over the root of the inputs, as PyTorch's.
    pub fn linear(name: &str, inputs: usize, outputs: usize) -> [Self; 2] {
        let bound = 1.0 / (inputs as f64).sqrt();
        [
            Self::uniform(format!("{name}.weight"), &[outputs, inputs], bound),
            Self::uniform(format!("{name}.bias"), &[outputs], bound),
        ]
    }
}

/// How an architecture's parameters are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fitting {
    /// By gradient descent, epoch after epoch.
    Descent,
    /// It has none itself: the head is solved for at once, with this penalty on its squared weights
    /// (Hoerl & Kennard 1970).
    Ridge(f64),
    /// Round after round, a [`crate::networks::Forest`] below the network's prefix grows by a tree an output, which is fitted to
    /// what the trees before it left (Friedman 2001). The head hands on what they add up to, from the best constant on.
    Boosting(Boosting),
}

/// A way to turn windows into a few numbers, from which a linear head makes the forecast.
///
/// A model has one network of its architecture for each group of features. Register one with a
/// [`crate::node::ModelNode`]: inputs, target, split, scaling, training, artifacts and reports come with it.
pub trait Architecture: Debug + Send + Sync {
    /// How many numbers a network hands to its head.
    fn units(&self, window: Window) -> usize;

    /// The parameters of a network, without those of its head.
    fn parameters(&self, window: Window) -> Vec<ParameterShape>;

    /// The networks whose parameters stand below `prefixes` in `state`: one a prefix.
    ///
    /// # Errors
    /// Where a parameter is missing.
    fn networks(&self, state: &StateDict, prefixes: &[&str]) -> Result<Box<dyn Networks>>;

    /// How its parameters are found.
    fn fitting(&self) -> Fitting {
        Fitting::Descent
    }
}

/// The networks of a model, one for each group of features.
pub trait Networks: Debug + Send + Sync {
    /// What networks make of a batch: each pair says which network reads which window, `[steps, samples, features]` with
    /// the oldest step first. The results, in the same order, are `[samples, units]`.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    fn forward(&self, windows: &[(usize, &Tensor<3>)], dropout: &mut Dropout) -> Result<Vec<Tensor<2>>>;
}

//! Weights by attention: what the market looks like asks, what each network sees answers.

use burn_core::tensor::Tensor;
use burn_core::tensor::activation::softmax;

use crate::error::Result;
use crate::networks::{Linear, ParameterShape, StateDict};

/// Scaled dot-product attention over the groups (Vaswani et al. 2017): a query from `given`, a key from each network's
/// units, and a softmax of their products over the root of their width.
#[derive(Clone, Debug)]
pub struct Attention {
    query: Linear,
    keys: Vec<Linear>,
    width: usize,
}

impl Attention {
    pub(super) fn parameters(prefix: &str, given: usize, width: usize, units: &[(&str, usize)]) -> Vec<ParameterShape> {
        let keys = units.iter().map(|(group, units)| ParameterShape::linear(&key(prefix, group), *units, width));
        [ParameterShape::linear(&format!("{prefix}.query"), given, width)].into_iter().chain(keys).flatten().collect()
    }

    /// # Errors
    /// Where a parameter is missing.
    pub(super) fn new(state: &StateDict, prefix: &str, width: usize, groups: &[&str]) -> Result<Self> {
        let keys = groups.iter().map(|group| Linear::new(state, &key(prefix, group))).collect::<Result<_>>()?;
        Ok(Self { query: Linear::new(state, &format!("{prefix}.query"))?, keys, width })
    }

    /// `[samples, given]` and the units of each group, `[samples, units]`, to weights `[samples, groups]`.
    pub(super) fn forward(&self, given: Tensor<2>, units: &[Tensor<2>]) -> Tensor<2> {
        let query = self.query.forward(given);
        let product = |(key, units): (&Linear, &Tensor<2>)| (key.forward(units.clone()) * query.clone()).sum_dim(1);
        let products = Tensor::cat(self.keys.iter().zip(units).map(product).collect(), 1);
        softmax(products / (self.width as f64).sqrt(), 1)
    }
}

fn key(prefix: &str, group: &str) -> String {
    format!("{prefix}.key.{group}")
}

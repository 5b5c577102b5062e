//! What stands beside the LSTMs: linear layer, the mixer that weighs groups, dropout.

use burn_core::tensor::activation::{softmax, tanh};
use burn_core::tensor::{Device, Tensor};

use crate::error::{Diagnostic, Result};
use crate::networks::random::Random;
use crate::networks::state_dict::{StateDict, matrix};

/// A linear layer, as PyTorch's `nn.Linear`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Tensor<2>,
    bias: Tensor<2>,
}

impl Linear {
    /// The layer whose parameters are `PREFIX.weight` and `PREFIX.bias`.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub fn new(state: &StateDict, prefix: &str) -> Result<Self> {
        Self::named(state, &format!("{prefix}.weight"), &format!("{prefix}.bias"))
    }

    /// The layer of a weight and a bias by their names.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub fn named(state: &StateDict, weight: &str, bias: &str) -> Result<Self> {
        Ok(Self { weight: state.matrix(weight)?.transpose(), bias: state.matrix(bias)? })
    }

    /// `[batch, inputs]` to `[batch, outputs]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        input.matmul(self.weight.clone()) + self.bias.clone()
    }
}

/// What weighs the groups: linear, tanh, linear, softmax. Its parameters are named as those of
/// PyTorch's `nn.Sequential(nn.Linear, nn.Tanh, nn.Linear, nn.Softmax)`.
#[derive(Clone, Debug)]
pub struct Mixer {
    first: Linear,
    second: Linear,
}

impl Mixer {
    /// The mixer whose layers are `PREFIX.0` and `PREFIX.2`.
    ///
    /// # Errors
    /// Where a parameter is missing.
    pub fn new(state: &StateDict, prefix: &str) -> Result<Self> {
        let layer = |index: usize| Linear::new(state, &format!("{prefix}.{index}"));
        Ok(Self { first: layer(0)?, second: layer(2)? })
    }

    /// `[batch, inputs]` to weights `[batch, groups]`, positive, each row with the sum 1.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        softmax(self.second.forward(tanh(self.first.forward(input))), 1)
    }
}

/// Dropout: sets a random share of what passes to zero and scales the rest to keep the mean.
///
/// Srivastava et al. (2014). The masks come from our own generator, because that of Burn belongs
/// to the process: whatever else runs would change them.
#[derive(Debug)]
pub struct Dropout {
    active: Option<(f64, Random)>,
}

impl Dropout {
    /// Nothing is dropped: for predictions.
    pub fn none() -> Self {
        Self { active: None }
    }

    /// Drops each value with `probability`, from 0 to below 1.
    ///
    /// # Errors
    /// Where the probability is outside that range.
    pub fn new(probability: f64, random: Random) -> Result<Self> {
        match probability {
            0.0 => Ok(Self::none()),
            p if (0.0..1.0).contains(&p) => Ok(Self { active: Some((p, random)) }),
            p => Err(Diagnostic::new(format!("dropout is {p:?}: 0.0 to below 1.0 are allowed"))),
        }
    }

    /// Drops from a tensor.
    pub fn apply(&mut self, tensor: Tensor<2>) -> Tensor<2> {
        let (shape, device) = (tensor.dims(), plain(&tensor));
        match self.mask(shape[0] * shape[1]) {
            Some(mask) => tensor * matrix(mask, shape, &device),
            None => tensor,
        }
    }

    /// Drops from each step of a sequence.
    pub fn apply_to_steps(&mut self, sequence: Tensor<3>) -> Tensor<3> {
        let [steps, samples, units] = sequence.dims();
        self.apply(sequence.reshape([steps * samples, units])).reshape([steps, samples, units])
    }

    /// What so many numbers are multiplied with; nothing where nothing is dropped.
    pub fn mask(&mut self, count: usize) -> Option<Vec<f32>> {
        let (probability, random) = self.active.as_mut()?;
        let keep = (1.0 / (1.0 - *probability)) as f32;
        Some((0..count).map(|_| if random.uniform() < *probability { 0.0 } else { keep }).collect())
    }
}

/// The device of a tensor without the record of operations: for what needs no gradient.
fn plain(tensor: &Tensor<2>) -> Device {
    tensor.device().inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::random::Purpose;
    use crate::networks::state_dict::values;

    #[test]
    fn dropout_drops_its_share_and_keeps_the_mean() {
        let device = Device::flex();
        let ones = matrix(vec![1.0; 40_000], [200, 200], &device);
        let mut dropout = Dropout::new(0.25, Random::new(1, Purpose::Dropout, 0)).unwrap();
        let (first, second) =
            (values(dropout.apply(ones.clone())).unwrap(), values(dropout.apply(ones.clone())).unwrap());
        assert_ne!(first, second);
        for mask in [first, second] {
            assert!(mask.iter().all(|value| *value == 0.0 || *value == 1.0 / 0.75));
            // The count is binomial (40000, 1/4): six standard deviations are 520.
            let dropped = mask.iter().filter(|value| **value == 0.0).count();
            assert!(dropped.abs_diff(10_000) < 520, "{dropped}");
        }
        assert_eq!(values(Dropout::none().apply(ones.clone())).unwrap(), values(ones).unwrap());
        assert!(Dropout::new(1.0, Random::new(1, Purpose::Dropout, 0)).is_err());
    }

    #[test]
    fn a_mixer_is_its_formula() {
        let device = Device::flex();
        let mut state = StateDict::default();
        state.insert("m.0.weight", &[1, 2], vec![0.5, -1.0], &device).unwrap();
        state.insert("m.0.bias", &[1], vec![0.25], &device).unwrap();
        state.insert("m.2.weight", &[2, 1], vec![2.0, -1.0], &device).unwrap();
        state.insert("m.2.bias", &[2], vec![0.0, 0.5], &device).unwrap();
        let weights =
            values(Mixer::new(&state, "m").unwrap().forward(matrix(vec![3.0, 1.0], [1, 2], &device))).unwrap();
        let hidden = (0.5_f64 * 3.0 - 1.0 + 0.25).tanh();
        let (a, b) = ((2.0 * hidden).exp(), (0.5 - hidden).exp());
        assert!((f64::from(weights[0]) - a / (a + b)).abs() < 1e-6);
        assert!((f64::from(weights[1]) - b / (a + b)).abs() < 1e-6);
    }
}

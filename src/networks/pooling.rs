//! What stands between layers over steps and a head: attention over the steps, and a norm.

use burn_core::tensor::Tensor;
use burn_core::tensor::activation::{softmax, tanh};

use crate::error::Result;
use crate::networks::architecture::ParameterShape;
use crate::networks::layers::Linear;
use crate::networks::state_dict::StateDict;

/// Attention over steps: each is weighed by the softmax of `v · tanh(W h + b)` (Bahdanau, Cho & Bengio 2015, without a
/// query; Yang et al. 2016).
#[derive(Clone, Debug)]
pub struct StepAttention {
    seen: Linear,
    score: Linear,
}

impl StepAttention {
    /// Its parameters, for steps of so many units.
    pub fn parameters(prefix: &str, units: usize) -> Vec<ParameterShape> {
        [(units, "seen"), (1, "score")]
            .into_iter()
            .flat_map(|(outputs, part)| ParameterShape::linear(&format!("{prefix}.{part}"), units, outputs))
            .collect()
    }

    /// The one whose parameters stand below a prefix.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub fn new(state: &StateDict, prefix: &str) -> Result<Self> {
        let linear = |part: &str| Linear::new(state, &format!("{prefix}.{part}"));
        Ok(Self { seen: linear("seen")?, score: linear("score")? })
    }

    /// `[steps, samples, units]` to `[samples, units]`.
    pub fn forward(&self, sequence: Tensor<3>) -> Tensor<2> {
        let [steps, samples, units] = sequence.dims();
        let flat = sequence.clone().reshape([steps * samples, units]);
        let scores = self.score.forward(tanh(self.seen.forward(flat))).reshape([steps, samples, 1]);
        (sequence * softmax(scores, 0)).sum_dim(0).reshape([samples, units])
    }
}

/// Layer normalisation (Ba, Kiros & Hinton 2016), as PyTorch's `nn.LayerNorm`: each sample to mean 0 and deviation 1
/// over its units, then a weight and a bias a unit.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    weight: Tensor<2>,
    bias: Tensor<2>,
}

/// Added to the variance, as PyTorch does.
const LEAST_VARIANCE: f64 = 1e-5;

impl LayerNorm {
    /// Its parameters, for so many units.
    pub fn parameters(prefix: &str, units: usize) -> [ParameterShape; 2] {
        [
            ParameterShape::constant(format!("{prefix}.weight"), &[units], 1.0),
            ParameterShape::constant(format!("{prefix}.bias"), &[units], 0.0),
        ]
    }

    /// The one whose parameters stand below a prefix.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub fn new(state: &StateDict, prefix: &str) -> Result<Self> {
        let row = |part: &str| state.matrix(&format!("{prefix}.{part}"));
        Ok(Self { weight: row("weight")?, bias: row("bias")? })
    }

    /// `[samples, units]` to the same.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let apart = input.clone() - input.mean_dim(1);
        let variance = (apart.clone() * apart.clone()).mean_dim(1);
        apart / variance.add_scalar(LEAST_VARIANCE).sqrt() * self.weight.clone() + self.bias.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::state_dict::{matrix, values};
    use burn_core::tensor::Device;

    #[test]
    fn a_norm_is_its_formula() {
        let device = Device::flex();
        let mut state = StateDict::default();
        state.insert("n.weight", &[3], vec![1.0, 2.0, 1.0], &device).unwrap();
        state.insert("n.bias", &[3], vec![0.0, 0.5, 0.0], &device).unwrap();
        let input = matrix(vec![1.0, 2.0, 6.0], [1, 3], &device);
        let found = values(LayerNorm::new(&state, "n").unwrap().forward(input)).unwrap();
        let deviation = (14.0_f64 / 3.0 + 1e-5).sqrt();
        for (found, by_hand) in found.iter().zip([-2.0 / deviation, -2.0 / deviation + 0.5, 3.0 / deviation]) {
            assert!((f64::from(*found) - by_hand).abs() < 1e-6, "{found} is not {by_hand}");
        }
    }

    #[test]
    fn attention_weighs_steps_by_the_softmax_of_their_scores() {
        let device = Device::flex();
        let mut state = StateDict::default();
        state.insert("a.seen.weight", &[1, 1], vec![0.7], &device).unwrap();
        state.insert("a.seen.bias", &[1], vec![-0.1], &device).unwrap();
        state.insert("a.score.weight", &[1, 1], vec![2.0], &device).unwrap();
        state.insert("a.score.bias", &[1], vec![0.3], &device).unwrap();
        let steps = [1.0_f32, -2.0, 0.5];
        let window = Tensor::stack(steps.map(|step| matrix(vec![step], [1, 1], &device)).to_vec(), 0);
        let found = values(StepAttention::new(&state, "a").unwrap().forward(window)).unwrap();
        let shares = steps.map(|step| (2.0 * (0.7 * f64::from(step) - 0.1).tanh() + 0.3).exp());
        let by_hand = shares.iter().zip(steps).map(|(share, step)| share * f64::from(step)).sum::<f64>()
            / shares.iter().sum::<f64>();
        assert!((f64::from(found[0]) - by_hand).abs() < 1e-6, "{found:?} is not {by_hand}");
    }
}

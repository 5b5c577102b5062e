//! The networks: LSTM, linear layer, and the mixer that weighs groups, on PyTorch's parameters.

use burn_core::tensor::activation::{sigmoid, softmax, tanh};
use burn_core::tensor::{Device, Tensor};

use crate::error::{Diagnostic, Result};
use crate::networks::random::Random;
use crate::networks::state_dict::{StateDict, matrix};

/// A stack of LSTM layers, as PyTorch's `nn.LSTM`: gates i, f, g, o; initial states zero.
///
/// Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000).
#[derive(Clone, Debug)]
pub struct Lstm {
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct Layer {
    /// `[inputs, 4 × hidden]`
    input: Tensor<2>,
    /// `[hidden, 4 × hidden]`
    hidden: Tensor<2>,
    /// `[1, 4 × hidden]`: the sum of PyTorch's two.
    bias: Tensor<2>,
}

/// What an LSTM gives: each tensor is `[batch, hidden]`.
#[derive(Clone, Debug)]
pub struct LstmOutput {
    /// The last layer's output at each step.
    pub output: Vec<Tensor<2>>,
    /// Each layer's last output: PyTorch's `h_n`.
    pub hidden: Vec<Tensor<2>>,
    /// Each layer's last cell state: PyTorch's `c_n`.
    pub cell: Vec<Tensor<2>>,
}

impl Lstm {
    /// The LSTM whose parameters are `PREFIX.weight_ih_l0`, `PREFIX.weight_hh_l0`,
    /// `PREFIX.bias_ih_l0`, `PREFIX.bias_hh_l0`, and so on for each layer.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub fn new(state: &StateDict, prefix: &str) -> Result<Self> {
        let name = |part: &str, layer: usize| format!("{prefix}.{part}_l{layer}");
        let mut layers = Vec::new();
        while layers.is_empty() || state.contains(&name("weight_ih", layers.len())) {
            let read = |part: &str| state.matrix(&name(part, layers.len()));
            layers.push(Layer {
                input: read("weight_ih")?.transpose(),
                hidden: read("weight_hh")?.transpose(),
                bias: read("bias_ih")? + read("bias_hh")?,
            });
        }
        Ok(Self { layers })
    }

    /// How many layers; at least one.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// Runs over a sequence: `steps` holds, for each step, the inputs as `[batch, inputs]`.
    ///
    /// `dropout` acts on what one layer hands to the next.
    pub fn forward(&self, steps: Vec<Tensor<2>>, dropout: &mut Dropout) -> LstmOutput {
        let (mut hidden, mut cell) = (Vec::new(), Vec::new());
        let mut sequence = steps;
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                sequence = sequence.into_iter().map(|step| dropout.apply(step)).collect();
            }
            let state;
            (sequence, state) = layer.forward(sequence);
            hidden.extend(sequence.last().cloned());
            cell.extend(state);
        }
        LstmOutput { output: sequence, hidden, cell }
    }
}

impl Layer {
    fn forward(&self, steps: Vec<Tensor<2>>) -> (Vec<Tensor<2>>, Option<Tensor<2>>) {
        let mut outputs: Vec<Tensor<2>> = Vec::with_capacity(steps.len());
        let mut cell: Option<Tensor<2>> = None;
        for step in steps {
            let mut gates = step.matmul(self.input.clone()) + self.bias.clone();
            if let Some(previous) = outputs.last() {
                gates = gates + previous.clone().matmul(self.hidden.clone());
            }
            let size = gates.dims()[1] / 4;
            let gate = |index: usize| gates.clone().narrow(1, index * size, size);
            let added = sigmoid(gate(0)) * tanh(gate(2));
            let state = match cell {
                Some(cell) => sigmoid(gate(1)) * cell + added,
                None => added,
            };
            outputs.push(sigmoid(gate(3)) * tanh(state.clone()));
            cell = Some(state);
        }
        (outputs, cell)
    }
}

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
        let weight = state.matrix(&format!("{prefix}.weight"))?.transpose();
        Ok(Self { weight, bias: state.matrix(&format!("{prefix}.bias"))? })
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
        let Some((probability, random)) = &mut self.active else { return tensor };
        let (shape, device) = (tensor.dims(), plain(&tensor));
        let keep = (1.0 / (1.0 - *probability)) as f32;
        let mask = (0..shape[0] * shape[1]).map(|_| if random.uniform() < *probability { 0.0 } else { keep }).collect();
        tensor * matrix(mask, shape, &device)
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

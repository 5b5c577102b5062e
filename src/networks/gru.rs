//! GRUs, on PyTorch's parameters, by Burn's operations: one product for all inputs, one a step for the state.

use burn_core::tensor::Tensor;
use burn_core::tensor::activation::{sigmoid, tanh};

use crate::error::Result;
use crate::networks::architecture::ParameterShape;
use crate::networks::layers::{Dropout, Linear};
use crate::networks::state_dict::StateDict;

/// A stack of GRU layers, as PyTorch's `nn.GRU`: gates r, z, n; initial states zero (Cho et al. 2014, with the reset
/// gate after the product).
#[derive(Clone, Debug)]
pub struct Gru {
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct Layer {
    of_input: Linear,
    of_hidden: Linear,
    hidden: usize,
}

impl Gru {
    /// The parameters of a stack: `PREFIX.weight_ih_l0`, `PREFIX.weight_hh_l0`, `PREFIX.bias_ih_l0`,
    /// `PREFIX.bias_hh_l0`, and so on for each layer; uniform within one over the root of the hidden size.
    pub fn parameters(prefix: &str, inputs: usize, hidden: usize, layers: usize) -> Vec<ParameterShape> {
        let bound = 1.0 / (hidden as f64).sqrt();
        let layer = |layer: usize| {
            let inputs = if layer == 0 { inputs } else { hidden };
            [
                ("weight_ih", vec![3 * hidden, inputs]),
                ("weight_hh", vec![3 * hidden, hidden]),
                ("bias_ih", vec![3 * hidden]),
                ("bias_hh", vec![3 * hidden]),
            ]
            .map(|(part, shape)| ParameterShape::uniform(format!("{prefix}.{part}_l{layer}"), &shape, bound))
        };
        (0..layers).flat_map(layer).collect()
    }

    /// The stack whose parameters stand below a prefix.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub fn new(state: &StateDict, prefix: &str, layers: usize) -> Result<Self> {
        let linear = |part: &str, layer: usize| {
            Linear::named(state, &format!("{prefix}.weight_{part}_l{layer}"), &format!("{prefix}.bias_{part}_l{layer}"))
        };
        let layer = |layer: usize| {
            let [rows, _] = state.matrix(&format!("{prefix}.weight_hh_l{layer}"))?.dims();
            Ok(Layer { of_input: linear("ih", layer)?, of_hidden: linear("hh", layer)?, hidden: rows / 3 })
        };
        Ok(Self { layers: (0..layers).map(layer).collect::<Result<_>>()? })
    }

    /// The last layer's last output over windows `[steps, samples, inputs]`: `[samples, hidden]`. `dropout` acts on what
    /// one layer hands to the next.
    pub fn forward(&self, window: Tensor<3>, dropout: &mut Dropout) -> Tensor<2> {
        let [_, samples, _] = window.dims();
        let mut sequence = window;
        let mut last = None;
        for (number, layer) in self.layers.iter().enumerate() {
            if number > 0 {
                sequence = dropout.apply_to_steps(sequence);
            }
            let outputs = layer.forward(sequence);
            last = outputs.last().cloned();
            sequence = Tensor::stack(outputs, 0);
        }
        // A stack has at least one layer, and a window at least one step.
        last.unwrap_or_else(|| sequence.reshape([samples as isize, -1]))
    }
}

impl Layer {
    fn forward(&self, sequence: Tensor<3>) -> Vec<Tensor<2>> {
        let [steps, samples, inputs] = sequence.dims();
        let size = self.hidden;
        let from_input = self.of_input.forward(sequence.reshape([steps * samples, inputs]));
        let mut outputs: Vec<Tensor<2>> = Vec::with_capacity(steps);
        for step in 0..steps {
            let given = from_input.clone().narrow(0, step * samples, samples);
            let gate = |of: &Tensor<2>, index: usize| of.clone().narrow(1, index * size, size);
            let before = outputs.last().cloned().unwrap_or_else(|| gate(&given, 0).detach().zeros_like());
            let kept = self.of_hidden.forward(before.clone());
            let reset = sigmoid(gate(&given, 0) + gate(&kept, 0));
            let update = sigmoid(gate(&given, 1) + gate(&kept, 1));
            let new = tanh(gate(&given, 2) + reset * gate(&kept, 2));
            outputs.push(new.clone() + update * (before - new));
        }
        outputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::state_dict::{matrix, values};
    use burn_core::tensor::Device;

    /// One unit, one input, two steps, worked out in `f64`.
    #[test]
    fn two_steps_are_the_formula() {
        let device = Device::flex();
        let mut state = StateDict::default();
        let (wi, wh, bi, bh) = ([0.5, -0.3, 0.8], [0.2, 0.4, -0.6], [0.1, 0.0, -0.2], [0.05, -0.1, 0.3]);
        let mut insert = |name: &str, shape: &[usize], of: [f32; 3]| {
            state.insert(&format!("g.{name}_l0"), shape, of.to_vec(), &device).unwrap();
        };
        insert("weight_ih", &[3, 1], wi);
        insert("weight_hh", &[3, 1], wh);
        insert("bias_ih", &[3], bi);
        insert("bias_hh", &[3], bh);
        let window = Tensor::stack(vec![matrix(vec![1.5], [1, 1], &device), matrix(vec![-0.7], [1, 1], &device)], 0);
        let found = values(Gru::new(&state, "g", 1).unwrap().forward(window, &mut Dropout::none())).unwrap();
        let wide = |of: [f32; 3]| of.map(f64::from);
        let (wi, wh, bi, bh) = (wide(wi), wide(wh), wide(bi), wide(bh));
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let mut h = 0.0;
        for x in [1.5, f64::from(-0.7_f32)] {
            let r = sigmoid(wi[0] * x + bi[0] + wh[0] * h + bh[0]);
            let z = sigmoid(wi[1] * x + bi[1] + wh[1] * h + bh[1]);
            let n = (wi[2] * x + bi[2] + r * (wh[2] * h + bh[2])).tanh();
            h = (1.0 - z) * n + z * h;
        }
        assert!((f64::from(found[0]) - h).abs() < 1e-6, "{found:?} is not {h}");
    }
}

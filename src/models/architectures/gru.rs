//! `gru`: gated recurrent units, a stack of layers over the window.

use std::sync::Arc;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::models::architectures::forecaster;
use crate::models::shared::{SHARED, with_shared};
use crate::networks::{Architecture, Dropout, Gru, Networks, ParameterShape, StateDict, Window};
use crate::node::{Inputs, ModelNode, Parameter, Spec};

/// The node.
pub const NODE: ModelNode = forecaster(SPEC, |arguments| {
    Ok(Arc::new(GruStack { hidden: arguments.length("hidden")?, layers: arguments.length("layers")? }))
});

const OWN: [Parameter; 2] = [
    Parameter::integer("hidden", 32, 1, 4_096, "units of each GRU layer"),
    Parameter::integer("layers", 1, 1, 8, "layers of each GRU"),
];
const PARAMETERS: [Parameter; OWN.len() + SHARED.len()] = with_shared(&OWN);

const SPEC: Spec = Spec {
    name: "gru",
    family: "model",
    doc: "One GRU a group of features: an `lstm` with two gates instead of three, and three quarters of its parameters.",
    formula: "As `lstm`, with r = σ(W_r x + U_r h), z = σ(W_z x + U_z h), n = tanh(W_n x + b + r ⊙ (U_n h + c)) and \
              h' = (1 - z) ⊙ n + z ⊙ h at each step, as PyTorch's `nn.GRU`.",
    inputs: Inputs::None,
    parameters: &PARAMETERS,
    outputs: &[],
    example: "gru(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5) })",
    source: "Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder",
};

/// A stack of GRU layers; the head sees the last layer's last output.
#[derive(Debug)]
struct GruStack {
    hidden: usize,
    layers: usize,
}

impl Architecture for GruStack {
    fn units(&self, _: Window) -> usize {
        self.hidden
    }

    fn parameters(&self, window: Window) -> Vec<ParameterShape> {
        Gru::parameters("gru", window.features, self.hidden, self.layers)
    }

    fn networks(&self, state: &StateDict, prefixes: &[&str]) -> Result<Box<dyn Networks>> {
        let stack = |prefix: &&str| Gru::new(state, &format!("{prefix}.gru"), self.layers);
        Ok(Box::new(Stacks(prefixes.iter().map(stack).collect::<Result<_>>()?)))
    }
}

#[derive(Debug)]
struct Stacks(Vec<Gru>);

impl Networks for Stacks {
    fn forward(&self, windows: &[(usize, &Tensor<3>)], dropout: &mut Dropout) -> Result<Vec<Tensor<2>>> {
        Ok(windows.iter().map(|(network, window)| self.0[*network].forward((*window).clone(), dropout)).collect())
    }
}

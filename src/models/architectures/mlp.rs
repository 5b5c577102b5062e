//! `mlp`: a multi-layer perceptron on the whole window at once.

use std::sync::Arc;

use burn_core::tensor::Tensor;
use burn_core::tensor::activation::relu;

use crate::error::Result;
use crate::models::architectures::{flat, forecaster};
use crate::models::shared::{SHARED, with_shared};
use crate::networks::{Architecture, Dropout, Linear, Networks, ParameterShape, StateDict, Window};
use crate::node::{Inputs, ModelNode, Parameter, Spec};

/// The node.
pub const NODE: ModelNode = forecaster(SPEC, |arguments| {
    Ok(Arc::new(Perceptron { hidden: arguments.length("hidden")?, layers: arguments.length("layers")? }))
});

const OWN: [Parameter; 2] = [
    Parameter::integer("hidden", 32, 1, 4_096, "units of each hidden layer"),
    Parameter::integer("layers", 2, 1, 8, "hidden layers"),
];
const PARAMETERS: [Parameter; OWN.len() + SHARED.len()] = with_shared(&OWN);

const SPEC: Spec = Spec {
    name: "mlp",
    family: "model",
    doc: "A multi-layer perceptron a group of features, on all steps of the window side by side.",
    formula: "Hidden layers max(0, W x + b) on the window as one row, oldest step first; a linear head on the last of \
              them. It sees what an `lstm` sees, with no notion of time.",
    inputs: Inputs::None,
    parameters: &PARAMETERS,
    outputs: &[],
    example: "mlp(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5) })",
    source: "Rumelhart, Hinton & Williams (1986)",
};

/// Hidden layers on a flat window.
#[derive(Debug)]
struct Perceptron {
    hidden: usize,
    layers: usize,
}

impl Architecture for Perceptron {
    fn units(&self, _: Window) -> usize {
        self.hidden
    }

    fn parameters(&self, window: Window) -> Vec<ParameterShape> {
        let inputs = |layer: usize| if layer == 0 { window.steps * window.features } else { self.hidden };
        // Named as in PyTorch's nn.Sequential, where every other module is the activation.
        let layer = |layer: usize| ParameterShape::linear(&format!("mlp.{}", 2 * layer), inputs(layer), self.hidden);
        (0..self.layers).flat_map(layer).collect()
    }

    fn networks(&self, state: &StateDict, prefixes: &[&str]) -> Result<Box<dyn Networks>> {
        let network = |prefix: &&str| {
            let layer = |layer: usize| Linear::new(state, &format!("{prefix}.mlp.{}", 2 * layer));
            (0..self.layers).map(layer).collect::<Result<Vec<_>>>()
        };
        Ok(Box::new(Layers(prefixes.iter().map(network).collect::<Result<_>>()?)))
    }
}

/// The layers of each network.
#[derive(Debug)]
struct Layers(Vec<Vec<Linear>>);

impl Networks for Layers {
    fn forward(&self, windows: &[(usize, &Tensor<3>)], dropout: &mut Dropout) -> Result<Vec<Tensor<2>>> {
        let mut forward = |(network, window): &(usize, &Tensor<3>)| {
            let layers = self.0[*network].iter().enumerate();
            layers.fold(flat(window), |units, (number, layer)| {
                let units = if number > 0 { dropout.apply(units) } else { units };
                relu(layer.forward(units))
            })
        };
        Ok(windows.iter().map(&mut forward).collect())
    }
}

//! `lstm`: long short-term memory, a stack of layers over the window.

use std::sync::Arc;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::models::architectures::{SHARED, forecaster, with_shared};
use crate::networks::{Architecture, Dropout, Lstm, Networks, ParameterShape, StateDict, Window};
use crate::node::{Inputs, ModelNode, Parameter, Spec};

/// The node.
pub const NODE: ModelNode = forecaster(SPEC, |arguments| {
    Ok(Arc::new(LstmStack { hidden: arguments.length("hidden")?, layers: arguments.length("layers")? }))
});

const OWN: [Parameter; 2] = [
    Parameter::integer("hidden", 32, 1, 4_096, "units of each LSTM layer"),
    Parameter::integer("layers", 1, 1, 8, "layers of each LSTM"),
];
const PARAMETERS: [Parameter; OWN.len() + SHARED.len()] = with_shared(&OWN);

const SPEC: Spec = Spec {
    name: "lstm",
    family: "model",
    doc: "One LSTM a group of features, each on the bars of its own timeframe, trained to forecast the target.",
    formula: "Each network sees the last `lookback` closed bars of its group, scaled by what the training range \
              showed; a linear head on its last output gives the forecast: in units of the target; with \
              cross-entropy P(up) - P(down); with \"sharpe\" a position from -1 to 1. The usable bars \
              are split in order of time: train | gap | validation | gap | test. The gap is the target's horizon plus \
              the embargo. There are no values before the test range. Adam minimises the `loss`; training \
              stops when the validation loss no longer falls, and the best parameters are kept.",
    inputs: Inputs::None,
    parameters: &PARAMETERS,
    outputs: &[],
    example: "lstm(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5) })",
    source: "Hochreiter & Schmidhuber (1997); Kingma & Ba (2015)",
};

/// A stack of LSTM layers; the head sees the last layer's last output.
#[derive(Debug)]
pub struct LstmStack {
    /// Units of each layer; at least one.
    pub hidden: usize,
    /// Layers; at least one.
    pub layers: usize,
}

impl Architecture for LstmStack {
    fn units(&self, _: Window) -> usize {
        self.hidden
    }

    fn parameters(&self, window: Window) -> Vec<ParameterShape> {
        let hidden = self.hidden;
        let bound = 1.0 / (hidden as f64).sqrt();
        let layer = |layer: usize| {
            let inputs = if layer == 0 { window.features } else { hidden };
            let shapes: [(&str, Vec<usize>); 4] = [
                ("weight_ih", vec![4 * hidden, inputs]),
                ("weight_hh", vec![4 * hidden, hidden]),
                ("bias_ih", vec![4 * hidden]),
                ("bias_hh", vec![4 * hidden]),
            ];
            shapes.map(|(part, shape)| ParameterShape::uniform(format!("lstm.{part}_l{layer}"), &shape, bound))
        };
        (0..self.layers).flat_map(layer).collect()
    }

    fn networks(&self, state: &StateDict, prefixes: &[&str]) -> Result<Box<dyn Networks>> {
        let stack = |prefix: &&str| Lstm::new(state, &format!("{prefix}.lstm"));
        Ok(Box::new(Stacks(prefixes.iter().map(stack).collect::<Result<_>>()?)))
    }
}

#[derive(Debug)]
struct Stacks(Vec<Lstm>);

impl Networks for Stacks {
    fn forward(&self, network: usize, window: &[Tensor<2>], dropout: &mut Dropout) -> Tensor<2> {
        let stack = &self.0[network];
        // A stack has at least one layer, and so one last output for each.
        stack.forward(window.to_vec(), dropout).hidden.swap_remove(stack.layers() - 1)
    }
}

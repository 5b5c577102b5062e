//! `lstm`: long short-term memory, a stack of layers over the window.

use std::sync::Arc;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::models::architectures::forecaster;
use crate::models::architectures::pooling::Pooling;
use crate::models::shared::{SHARED, with_shared};
use crate::networks::{
    Architecture, Dropout, LayerNorm, Lstm, Networks, ParameterShape, StateDict, StepAttention, Window,
};
use crate::node::{Inputs, ModelNode, Parameter, Spec};

/// The node.
pub const NODE: ModelNode = forecaster(SPEC, |arguments| {
    Ok(Arc::new(LstmStack {
        hidden: arguments.length("hidden")?,
        layers: arguments.length("layers")?,
        bidirectional: arguments.flag("bidirectional")?,
        layer_norm: arguments.flag("layer_norm")?,
        pooling: Pooling::read(arguments)?,
    }))
});

const OWN: [Parameter; 5] = [
    Parameter::integer("hidden", 32, 1, 4_096, "units of each LSTM layer"),
    Parameter::integer("layers", 1, 1, 8, "layers of each LSTM"),
    Parameter::flag("bidirectional", false, "whether a second LSTM reads each window from its end; the window is past"),
    Parameter::flag("layer_norm", false, "whether what the head sees is brought to mean 0 and deviation 1"),
    Parameter::choice("pooling", Pooling::NAMES, "what the head sees: the last step, or all of them by attention"),
];
const PARAMETERS: [Parameter; OWN.len() + SHARED.len()] = with_shared(&OWN);

const SPEC: Spec = Spec {
    name: "lstm",
    family: "model",
    doc: "One LSTM a group of features, each on the bars of its own timeframe, trained to forecast the target.",
    formula: "Each network sees the last `lookback` closed bars of its group, scaled by what the training range \
              showed; a linear head on its last output gives the forecast, in units of the target. The usable bars \
              are split in order of time: train | gap | validation | gap | test. The gap is the target's horizon plus \
              the embargo. There are no values before the test range. Adam minimises the loss; training \
              stops when the validation loss no longer falls, and the best parameters are kept.",
    inputs: Inputs::None,
    parameters: &PARAMETERS,
    outputs: &[],
    example: "lstm(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5) })",
    source: "Hochreiter & Schmidhuber (1997); Schuster & Paliwal (1997); Ba, Kiros & Hinton (2016); Bahdanau, Cho & \
             Bengio (2015); Kingma & Ba (2015)",
};

/// A stack of LSTM layers; the head sees the last layer's last output, or what attention makes of all of them.
#[derive(Clone, Copy, Debug)]
pub struct LstmStack {
    /// Units of each layer; at least one.
    pub hidden: usize,
    /// Layers; at least one.
    pub layers: usize,
    /// Whether each layer has a second LSTM that reads the window from its end.
    pub bidirectional: bool,
    /// Whether what the head sees is normalised.
    pub layer_norm: bool,
    /// What the head sees of the steps.
    pub pooling: Pooling,
}

impl LstmStack {
    /// A plain stack.
    pub fn new(hidden: usize, layers: usize) -> Self {
        Self { hidden, layers, bidirectional: false, layer_norm: false, pooling: Pooling::Last }
    }

    fn width(&self) -> usize {
        self.hidden * if self.bidirectional { 2 } else { 1 }
    }

    /// The endings of a layer's parameters, one a direction.
    fn directions(&self) -> &'static [&'static str] {
        if self.bidirectional { &["", "_reverse"] } else { &[""] }
    }
}

impl Architecture for LstmStack {
    fn units(&self, _: Window) -> usize {
        self.width()
    }

    fn parameters(&self, window: Window) -> Vec<ParameterShape> {
        let hidden = self.hidden;
        let bound = 1.0 / (hidden as f64).sqrt();
        let layer = |layer: usize, ending: &str| {
            let inputs = if layer == 0 { window.features } else { self.width() };
            let shapes: [(&str, Vec<usize>); 4] = [
                ("weight_ih", vec![4 * hidden, inputs]),
                ("weight_hh", vec![4 * hidden, hidden]),
                ("bias_ih", vec![4 * hidden]),
                ("bias_hh", vec![4 * hidden]),
            ];
            shapes.map(|(part, shape)| ParameterShape::uniform(format!("lstm.{part}_l{layer}{ending}"), &shape, bound))
        };
        let both = |number: usize| self.directions().iter().flat_map(move |ending| layer(number, ending));
        let mut all: Vec<ParameterShape> = (0..self.layers).flat_map(both).collect();
        if self.pooling == Pooling::Attention {
            all.extend(StepAttention::parameters("attention", self.width()));
        }
        if self.layer_norm {
            all.extend(LayerNorm::parameters("norm", self.width()));
        }
        all
    }

    fn networks(&self, state: &StateDict, prefixes: &[&str]) -> Result<Box<dyn Networks>> {
        let stack = |prefix: &&str| {
            let layer = |layer: usize, ending: &str| Lstm::layer(state, &format!("{prefix}.lstm"), layer, ending);
            let both = |number: usize| self.directions().iter().map(|ending| layer(number, ending)).collect();
            // The plain stack is one LSTM, which the kernels run as a whole.
            let lstms: Vec<Vec<Lstm>> = match self.bidirectional {
                true => (0..self.layers).map(both).collect::<Result<_>>()?,
                false => vec![vec![Lstm::new(state, &format!("{prefix}.lstm"))?]],
            };
            let attention =
                (self.pooling == Pooling::Attention).then(|| StepAttention::new(state, &format!("{prefix}.attention")));
            let norm = self.layer_norm.then(|| LayerNorm::new(state, &format!("{prefix}.norm")));
            Ok(Stack { lstms, attention: attention.transpose()?, norm: norm.transpose()? })
        };
        Ok(Box::new(Stacks(prefixes.iter().map(stack).collect::<Result<_>>()?)))
    }
}

#[derive(Debug)]
struct Stacks(Vec<Stack>);

/// The network of one group.
#[derive(Debug)]
struct Stack {
    /// For each layer an LSTM a direction; one whole LSTM where there is one direction.
    lstms: Vec<Vec<Lstm>>,
    attention: Option<StepAttention>,
    norm: Option<LayerNorm>,
}

impl Stack {
    fn is_plain(&self) -> bool {
        self.attention.is_none() && self.lstms.iter().all(|directions| directions.len() == 1)
    }

    /// What all steps come to, before the norm.
    fn over_steps(&self, window: &Tensor<3>, dropout: &mut Dropout) -> Result<Tensor<2>> {
        let mut sequence = window.clone();
        let mut last = Vec::new();
        for (number, directions) in self.lstms.iter().enumerate() {
            if number > 0 {
                sequence = dropout.apply_to_steps(sequence);
            }
            last.clear();
            let mut outputs = Vec::new();
            for (direction, lstm) in directions.iter().enumerate() {
                let reversed = |tensor: Tensor<3>| if direction == 1 { tensor.flip([0]) } else { tensor };
                let mut of = lstm.forward(reversed(sequence.clone()), dropout)?;
                last.extend(of.hidden.pop());
                outputs.push(reversed(of.output));
            }
            sequence = Tensor::cat(outputs, 2);
        }
        Ok(match &self.attention {
            Some(attention) => attention.forward(sequence),
            None => Tensor::cat(last, 1),
        })
    }
}

impl Networks for Stacks {
    fn forward(&self, windows: &[(usize, &Tensor<3>)], dropout: &mut Dropout) -> Result<Vec<Tensor<2>>> {
        let stacks: Vec<&Stack> = windows.iter().map(|(network, _)| &self.0[*network]).collect();
        let units = if stacks.iter().all(|stack| stack.is_plain()) {
            let lstms: Vec<&Lstm> = stacks.iter().flat_map(|stack| stack.lstms.iter().flatten()).collect();
            Lstm::last_of_each(&lstms, windows.iter().map(|(_, window)| (*window).clone()).collect(), dropout)?
        } else {
            let pairs = stacks.iter().zip(windows);
            pairs.map(|(stack, (_, window))| stack.over_steps(window, dropout)).collect::<Result<_>>()?
        };
        let normal = |(stack, units): (&&Stack, Tensor<2>)| match &stack.norm {
            Some(norm) => norm.forward(units),
            None => units,
        };
        Ok(stacks.iter().zip(units).map(normal).collect())
    }
}

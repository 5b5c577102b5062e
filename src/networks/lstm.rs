//! LSTMs, on PyTorch's parameters: by our own kernels on the CPU, by Burn's operations elsewhere.

use std::sync::{Arc, OnceLock};

use burn_core::tensor::activation::{sigmoid, tanh};
use burn_core::tensor::{DType, Device, Tensor, TensorData};

use crate::error::{Diagnostic, Result};
use crate::networks::layers::Dropout;
use crate::networks::recurrent::{ForwardWeights, Shape, StackPlan, Wanted, Window, run, run_tracked};
use crate::networks::state_dict::{StateDict, matrix, values};

/// A stack of LSTM layers, as PyTorch's `nn.LSTM`: gates i, f, g, o; initial states zero.
///
/// Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000).
#[derive(Clone, Debug)]
pub struct Lstm {
    shape: Shape,
    /// For each layer `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`, flat.
    layers: Vec<[Tensor<1>; 4]>,
    /// The weights as the kernels read them, packed when they are first asked for.
    packed: Arc<OnceLock<Vec<ForwardWeights>>>,
}

/// What an LSTM gives.
#[derive(Clone, Debug)]
pub struct LstmOutput {
    /// The last layer's output at each step: `[steps, samples, hidden]`.
    pub output: Tensor<3>,
    /// Each layer's last output, `[samples, hidden]`: PyTorch's `h_n`.
    pub hidden: Vec<Tensor<2>>,
    /// Each layer's last cell state, `[samples, hidden]`: PyTorch's `c_n`.
    pub cell: Vec<Tensor<2>>,
}

impl Lstm {
    /// The LSTM whose parameters are `PREFIX.weight_ih_l0`, `PREFIX.weight_hh_l0`,
    /// `PREFIX.bias_ih_l0`, `PREFIX.bias_hh_l0`, and so on for each layer.
    ///
    /// # Errors
    /// Where one of them is missing, or its shape does not fit the others'.
    pub fn new(state: &StateDict, prefix: &str) -> Result<Self> {
        let mut stack = Self::layer(state, prefix, 0, "")?;
        while state.contains(&format!("{prefix}.weight_ih_l{}", stack.shape.layers)) {
            let next = Self::layer(state, prefix, stack.shape.layers, "")?;
            let fits = Shape { inputs: stack.shape.hidden, ..next.shape };
            if next.shape != fits || next.shape.hidden != stack.shape.hidden {
                let message = format!("layer {} of `{prefix}` does not fit the one before it", stack.shape.layers);
                return Err(Diagnostic::new(message).hint("an LSTM's layers are of one size"));
            }
            stack.layers.extend(next.layers);
            stack.shape.layers += 1;
        }
        Ok(stack)
    }

    /// One layer by itself: the LSTM whose parameters are `PREFIX.weight_ih_l1_reverse` and the other three, for
    /// layer 1 and the ending `_reverse`.
    ///
    /// # Errors
    /// Where one of them is missing, or its shape does not fit the others'.
    pub fn layer(state: &StateDict, prefix: &str, layer: usize, ending: &str) -> Result<Self> {
        let name = |part: &str| format!("{prefix}.{part}_l{layer}{ending}");
        let [rows, inputs] = state.matrix(&name("weight_ih"))?.dims();
        let hidden = rows / 4;
        let read = |part: &str, expected: [usize; 2]| {
            let name = name(part);
            let found = state.matrix(&name)?;
            if found.dims() == expected && rows > 0 {
                return state.flat(&name);
            }
            Err(Diagnostic::new(format!("tensor `{name}` is {:?}, but {expected:?} is needed", found.dims())))
        };
        let parts = [
            read("weight_ih", [4 * hidden, inputs])?,
            read("weight_hh", [4 * hidden, hidden])?,
            read("bias_ih", [1, 4 * hidden])?,
            read("bias_hh", [1, 4 * hidden])?,
        ];
        let shape = Shape { inputs, hidden, layers: 1 };
        Ok(Self { shape, layers: vec![parts], packed: Arc::default() })
    }

    /// How many layers; at least one.
    pub fn layers(&self) -> usize {
        self.shape.layers
    }

    /// Runs over windows, `[steps, samples, inputs]` with at least one step.
    ///
    /// `dropout` acts on what one layer hands to the next. On the CPU this is one operation with a
    /// backward pass of its own; on other devices it is [`Lstm::by_steps`].
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn forward(&self, input: Tensor<3>, dropout: &mut Dropout) -> Result<LstmOutput> {
        if !is_cpu(&input) {
            return Ok(self.by_steps(input, dropout));
        }
        let samples = input.dims()[1];
        let flat = fused(&[self], vec![input], dropout, Wanted::All)?;
        let block = samples * self.shape.hidden;
        let state = |index: usize| flat.clone().narrow(0, index * block, block).reshape([samples, self.shape.hidden]);
        let layers = self.shape.layers;
        let steps = flat.dims()[0] / block - 2 * layers;
        let output = flat.clone().narrow(0, 2 * layers * block, steps * block);
        Ok(LstmOutput {
            output: output.reshape([steps, samples, self.shape.hidden]),
            hidden: (0..layers).map(|layer| state(2 * layer)).collect(),
            cell: (0..layers).map(|layer| state(2 * layer + 1)).collect(),
        })
    }

    /// The last layer's last output of several LSTMs at once, `[samples, hidden]` each, every one over its own
    /// windows `[steps, samples, inputs]`: threads are busy with all of them.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub fn last_of_each(lstms: &[&Lstm], inputs: Vec<Tensor<3>>, dropout: &mut Dropout) -> Result<Vec<Tensor<2>>> {
        if !inputs.iter().all(is_cpu) {
            let last = |(lstm, input): (&&Lstm, Tensor<3>)| {
                let mut hidden = lstm.by_steps(input, dropout).hidden;
                // An LSTM has at least one layer, and so one last output for each.
                hidden.swap_remove(lstm.layers() - 1)
            };
            return Ok(lstms.iter().zip(inputs).map(last).collect());
        }
        let samples: Vec<usize> = inputs.iter().map(|input| input.dims()[1]).collect();
        let flat = fused(lstms, inputs, dropout, Wanted::Last)?;
        let mut before = 0;
        let last = |(lstm, samples): (&&Lstm, usize)| {
            let size = samples * lstm.shape.hidden;
            before += size;
            flat.clone().narrow(0, before - size, size).reshape([samples, lstm.shape.hidden])
        };
        Ok(lstms.iter().zip(samples).map(last).collect())
    }

    /// The same as [`Lstm::forward`] by Burn's own operations, step by step: for any device, and what the
    /// kernels are compared with.
    pub fn by_steps(&self, input: Tensor<3>, dropout: &mut Dropout) -> LstmOutput {
        let [steps, samples, inputs] = input.dims();
        let (mut hidden, mut cell) = (Vec::new(), Vec::new());
        let step = |step: usize| input.clone().narrow(0, step, 1).reshape([samples, inputs]);
        let mut sequence: Vec<Tensor<2>> = (0..steps).map(step).collect();
        for layer in 0..self.shape.layers {
            let size = [samples, self.shape.hidden];
            if layer > 0
                && let Some(mask) = dropout.mask(steps * size[0] * size[1])
            {
                let device = input.device().inner();
                let masks = mask.chunks_exact(size[0] * size[1]).map(|mask| matrix(mask.to_vec(), size, &device));
                sequence = sequence.into_iter().zip(masks).map(|(step, mask)| step * mask).collect();
            }
            let state;
            (sequence, state) = self.layer_by_steps(layer, sequence);
            hidden.extend(sequence.last().cloned());
            cell.extend(state);
        }
        LstmOutput { output: Tensor::stack(sequence, 0), hidden, cell }
    }

    fn layer_by_steps(&self, layer: usize, steps: Vec<Tensor<2>>) -> (Vec<Tensor<2>>, Option<Tensor<2>>) {
        let size = self.shape.hidden;
        let [of_input, of_hidden, bias, other_bias] = self.layers[layer].clone();
        let of_input = of_input.reshape([4 * size, self.shape.inputs_of(layer)]).transpose();
        let of_hidden = of_hidden.reshape([4 * size, size]).transpose();
        let bias = (bias + other_bias).reshape([1, 4 * size]);
        let mut outputs: Vec<Tensor<2>> = Vec::with_capacity(steps.len());
        let mut cell: Option<Tensor<2>> = None;
        for step in steps {
            let mut gates = step.matmul(of_input.clone()) + bias.clone();
            if let Some(previous) = outputs.last() {
                gates = gates + previous.clone().matmul(of_hidden.clone());
            }
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

    fn is_tracked(&self) -> bool {
        self.layers.iter().flatten().any(|parameter| parameter.device().is_autodiff())
    }

    fn packed(&self) -> Result<&[ForwardWeights]> {
        if let Some(packed) = self.packed.get() {
            return Ok(packed);
        }
        let mut flat = Vec::with_capacity(self.shape.parameters());
        for parameter in self.layers.iter().flatten() {
            flat.extend(values(parameter.clone())?);
        }
        Ok(self.packed.get_or_init(|| ForwardWeights::all(self.shape, &flat)))
    }
}

fn is_cpu(input: &Tensor<3>) -> bool {
    input.device().inner() == Device::flex()
}

/// The outputs of several LSTMs by our kernels, one after the other.
fn fused(lstms: &[&Lstm], inputs: Vec<Tensor<3>>, dropout: &mut Dropout, wanted: Wanted) -> Result<Tensor<1>> {
    let mut plans = Vec::new();
    for (lstm, input) in lstms.iter().zip(&inputs) {
        let [steps, samples, width] = input.dims();
        if width != lstm.shape.inputs || steps == 0 {
            let message = format!("an LSTM of {} inputs cannot read windows of {steps} steps", lstm.shape.inputs);
            return Err(Diagnostic::new(format!("{message} with {width} inputs")));
        }
        let size = steps * samples * lstm.shape.hidden;
        let masks = (1..lstm.shape.layers).map_while(|_| dropout.mask(size)).collect();
        plans.push(StackPlan { shape: lstm.shape, window: Window { steps, samples }, masks, wanted });
    }
    let tracked = lstms.iter().any(|lstm| lstm.is_tracked()) || inputs.iter().any(|input| input.device().is_autodiff());
    let mut inputs: Vec<Tensor<1>> = inputs.into_iter().map(|input| input.flatten(0, 2)).collect();
    if tracked {
        let parameters = lstms.iter().flat_map(|lstm| lstm.layers.iter().flatten().cloned()).collect();
        let inputs = if inputs.len() == 1 { inputs.remove(0) } else { Tensor::cat(inputs, 0) };
        return run_tracked(plans, inputs, Tensor::cat(parameters, 0));
    }
    let device = inputs.first().map_or_else(Device::flex, Tensor::device);
    let weights = lstms.iter().map(|lstm| lstm.packed()).collect::<Result<Vec<_>>>()?;
    let outputs = run(&plans, inputs, &weights)?;
    let size = outputs.len();
    Ok(Tensor::from_data(TensorData::new(outputs, [size]), (&device, DType::F32)))
}

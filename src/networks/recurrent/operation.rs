//! The operation of Burn's that the kernels make: differentiable, on the CPU.

use std::sync::{Arc, Mutex, PoisonError};

use burn_core::backend::autodiff::checkpoint::base::Checkpointer;
use burn_core::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn_core::backend::autodiff::grads::Gradients;
use burn_core::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn_core::backend::flex::FlexTensor;
use burn_core::backend::{Autodiff, Flex};
use burn_core::tensor::{Tensor, TensorData};

use crate::error::{Diagnostic, Result};
use crate::networks::recurrent::level::Level;
use crate::networks::recurrent::memory::Memory;
use crate::networks::recurrent::shape::{Shape, Window};
use crate::networks::recurrent::stack::{Stack, Tape, Wanted, backward, forward};
use crate::networks::recurrent::weights::{BackwardWeights, ForwardWeights};

/// A stack of the operation: a [`Stack`] without its input.
#[derive(Clone, Debug)]
pub struct StackPlan {
    /// Its sizes.
    pub shape: Shape,
    /// Those of the batch.
    pub window: Window,
    /// See [`Stack::masks`].
    pub masks: Vec<Vec<f32>>,
    /// Which outputs are asked for.
    pub wanted: Wanted,
}

impl StackPlan {
    fn inputs(&self) -> usize {
        self.window.steps * self.window.samples * self.shape.inputs
    }

    fn stack<'a>(&'a self, input: &'a [f32]) -> Stack<'a> {
        Stack { shape: self.shape, window: self.window, input, masks: &self.masks, wanted: self.wanted }
    }
}

/// Runs stacks without a record for a way back, each on its input and weights; the outputs of all, one
/// stack after the other.
///
/// # Errors
/// Where an input is not on the CPU.
pub fn run(
    plans: &[StackPlan],
    inputs: Vec<Tensor<1>>,
    weights: &[impl AsRef<[ForwardWeights]> + Sync],
) -> Result<Vec<f32>> {
    let inputs = inputs.into_iter().map(plain).collect::<Result<Vec<_>>>()?;
    let slices = inputs.iter().map(numbers).collect::<Result<Vec<_>>>()?;
    let stacks: Vec<Stack<'_>> = plans.iter().zip(slices).map(|(plan, input)| plan.stack(input)).collect();
    Ok(forward(Level::detected(), &stacks, weights, false, &Memory::shared()).0)
}

/// Runs stacks with a record for the way back. `inputs` and `parameters` are those of all stacks, one after
/// the other; either may be tracked. Gives the outputs of all, one stack after the other.
///
/// # Errors
/// Where a tensor is not on the CPU.
pub fn run_tracked(plans: Vec<StackPlan>, inputs: Tensor<1>, parameters: Tensor<1>) -> Result<Tensor<1>> {
    let tracked = |tensor: Tensor<1>| {
        let tensor = if tensor.device().is_autodiff() { tensor } else { tensor.autodiff() };
        tensor.try_into_primitive::<Autodiff<Flex>>().map_err(|error| not_ours(&error))
    };
    let ((parameters, of_parameters), (inputs, of_inputs)) =
        (tracked(parameters)?.into_parts(), tracked(inputs)?.into_parts());
    let record = Record {
        level: Level::detected(),
        plans,
        inputs: inputs.to_contiguous(),
        parameters: parameters.to_contiguous(),
        memory: Memory::shared(),
        tape: Mutex::new(None),
    };
    let preparation = FusedLstm.prepare::<NoCheckpointing>([of_parameters, of_inputs]).compute_bound().stateful();
    let output = match preparation {
        OpsKind::Tracked(preparation) => {
            let (output, tape) = record.forward(true)?;
            *record.tape.lock().unwrap_or_else(PoisonError::into_inner) = Some(tape);
            preparation.finish(Arc::new(record), output)
        }
        OpsKind::UnTracked(preparation) => preparation.finish(record.forward(false)?.0),
    };
    Ok(Tensor::from_primitive::<Autodiff<Flex>>(output))
}

/// What the way back needs.
#[derive(Debug)]
struct Record {
    level: Level,
    plans: Vec<StackPlan>,
    inputs: FlexTensor,
    parameters: FlexTensor,
    memory: Arc<Memory>,
    /// What the forward pass left. The way back writes over it, and Burn walks it once.
    tape: Mutex<Option<Tape>>,
}

impl Record {
    /// The stacks, and each one's parameters.
    fn stacks(&self) -> Result<Vec<(Stack<'_>, &[f32])>> {
        let (mut inputs, mut parameters) = (numbers(&self.inputs)?, numbers(&self.parameters)?);
        let stack = |plan: &'_ StackPlan| {
            let (input, own);
            (input, inputs) = inputs.split_at(plan.inputs());
            (own, parameters) = parameters.split_at(plan.shape.parameters());
            (input, own)
        };
        let slices: Vec<_> = self.plans.iter().map(stack).collect();
        Ok(self.plans.iter().zip(slices).map(|(plan, (input, own))| (plan.stack(input), own)).collect())
    }

    fn forward(&self, tracked: bool) -> Result<(FlexTensor, Tape)> {
        let (stacks, weights): (Vec<_>, Vec<_>) =
            self.stacks()?.into_iter().map(|(stack, own)| (stack, ForwardWeights::all(stack.shape, own))).unzip();
        let (outputs, tape) = forward(self.level, &stacks, &weights, tracked, &self.memory);
        Ok((flat(outputs), tape))
    }

    /// The gradients of parameters and inputs, from that of the outputs.
    fn backward(&self, gradient: &FlexTensor, for_inputs: bool) -> Result<(FlexTensor, FlexTensor)> {
        let tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner).take();
        let tape = tape.ok_or_else(|| Diagnostic::new("the way back through an LSTM was walked twice"))?;
        let (stacks, weights): (Vec<_>, Vec<_>) = self
            .stacks()?
            .into_iter()
            .map(|(stack, own)| (stack, BackwardWeights::all(stack.shape, own, for_inputs)))
            .unzip();
        let gradient = gradient.to_contiguous();
        let gradients = backward(self.level, &stacks, &weights, tape, numbers(&gradient)?, &self.memory);
        Ok((flat(gradients.parameters), flat(gradients.inputs)))
    }
}

/// The operation, as Burn's record of operations knows it.
#[derive(Debug)]
struct FusedLstm;

impl Backward<Flex, 2> for FusedLstm {
    type State = Arc<Record>;

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [parameters, inputs] = ops.parents;
        let found = ops.state.backward(&gradient, inputs.is_some());
        // Burn's trait knows no errors, and there is none here that a user could cause: tensors on the CPU
        // have numbers, and Burn takes each step of its record once.
        #[expect(clippy::panic)]
        let (of_parameters, of_inputs) = found.unwrap_or_else(|error| panic!("{error}"));
        if let Some(node) = parameters {
            gradients.register::<Flex>(node.id, of_parameters);
        }
        if let Some(node) = inputs {
            gradients.register::<Flex>(node.id, of_inputs);
        }
    }
}

fn plain(tensor: Tensor<1>) -> Result<FlexTensor> {
    let tensor = tensor.try_into_primitive::<Flex>().map_err(|error| not_ours(&error))?;
    Ok(tensor.to_contiguous())
}

fn numbers(tensor: &FlexTensor) -> Result<&[f32]> {
    tensor.as_slice().ok_or_else(|| not_ours(tensor))
}

fn flat(values: Vec<f32>) -> FlexTensor {
    let length = values.len();
    FlexTensor::from_data(TensorData::new(values, [length]))
}

fn not_ours(what: &dyn std::fmt::Debug) -> Diagnostic {
    Diagnostic::new(format!("the LSTM kernels work on numbers of 32 bits on the CPU: {what:?}"))
}

//! Several stacks of LSTM layers at once, forward and backward, with the work spread over threads.
//!
//! A task is a part of the samples of one stack, through all layers and steps; for the parameters'
//! gradients it is a panel of one layer's gates, over all samples. No sum is ever split between tasks,
//! so that the number of threads changes nothing.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::networks::recurrent::backward::LayerBackward;
use crate::networks::recurrent::forward::{LayerForward, Rows};
use crate::networks::recurrent::gradient::{LayerTrace, PanelGradient, gradient_panels, unpack};
use crate::networks::recurrent::level::Level;
use crate::networks::recurrent::memory::{Buffer, Memory};
use crate::networks::recurrent::shape::{Part, Shape, Window, parts};
use crate::networks::recurrent::weights::{BackwardWeights, ForwardWeights};

/// A stack of LSTM layers over a batch of windows.
///
/// Its outputs are blocks of numbers, `[samples, hidden]` each, one after the other; [`Wanted`] says which.
#[derive(Clone, Copy, Debug)]
pub struct Stack<'a> {
    /// Its sizes.
    pub shape: Shape,
    /// Those of the batch.
    pub window: Window,
    /// What the first layer reads: `[steps, samples, inputs]`.
    pub input: &'a [f32],
    /// What the outputs of each layer but the last are multiplied with on their way to the next:
    /// `[steps, samples, hidden]` each; none without dropout.
    pub masks: &'a [Vec<f32>],
    /// Which outputs are asked for.
    pub wanted: Wanted,
}

/// Which outputs of a stack are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The last layer's last output alone.
    Last,
    /// For each layer the last output and the last cell state; then the last layer's output at each step.
    All,
}

/// What one layer remembers of one part of a batch; see [`LayerForward`].
struct LayerMemory<'a> {
    gates: &'a mut [f32],
    cell: &'a mut [f32],
    output: &'a mut [f32],
    /// The outputs after dropout, where the next layer reads these.
    masked: &'a mut [f32],
}

impl Stack<'_> {
    /// How many numbers its outputs are.
    pub fn outputs(&self) -> usize {
        let blocks = match self.wanted {
            Wanted::Last => 1,
            Wanted::All => 2 * self.shape.layers + self.window.steps,
        };
        blocks * self.window.samples * self.shape.hidden
    }

    /// How much memory each layer needs for a part: of gates, cells, outputs and masked outputs.
    fn memory(&self, part: Part, tracked: bool) -> [usize; 4] {
        let state = part.rows * self.shape.padded();
        let all = self.window.steps * state;
        let masked = if self.masks.is_empty() { 0 } else { all };
        if tracked { [4 * all, all, all, masked] } else { [0, state, all, masked] }
    }

    fn split<'m>(&self, part: Part, tracked: bool, mut memory: &'m mut [f32]) -> Vec<LayerMemory<'m>> {
        let sizes = self.memory(part, tracked);
        let layer = |_| {
            let [gates, cell, output, masked] = sizes.map(|size| {
                let (taken, rest) = std::mem::take(&mut memory).split_at_mut(size);
                memory = rest;
                taken
            });
            LayerMemory { gates, cell, output, masked }
        };
        (0..self.shape.layers).map(layer).collect()
    }

    /// A layer's outputs as rows.
    fn rows<'m>(&self, part: Part, values: &'m [f32]) -> Rows<'m> {
        let row = self.shape.padded();
        Rows { values, step: part.rows * row, row, width: self.shape.hidden }
    }

    /// What a layer reads of a part; `below` is the layer before.
    fn input<'m>(&'m self, part: Part, below: Option<&'m LayerMemory<'_>>) -> Rows<'m> {
        match below {
            Some(below) => self.rows(part, if self.masks.is_empty() { below.output } else { below.masked }),
            None => {
                let row = self.shape.inputs;
                let values = &self.input[part.first * row..];
                Rows { values, step: self.window.samples * row, row, width: row }
            }
        }
    }

    /// Multiplies numbers, `[steps, rows, padded]`, with the mask that follows a layer.
    fn mask(&self, layer: usize, part: Part, from: Option<&[f32]>, to: &mut [f32]) {
        let Some(mask) = self.masks.get(layer) else { return };
        let (padded, hidden) = (self.shape.padded(), self.shape.hidden);
        if let Some(from) = from {
            to.copy_from_slice(from);
        }
        for (index, row) in to.chunks_exact_mut(padded).enumerate() {
            let (step, sample) = (index / part.rows, part.first + index % part.rows);
            let mask = &mask[(step * self.window.samples + sample) * hidden..][..hidden];
            row.iter_mut().zip(mask).for_each(|(value, mask)| *value *= mask);
        }
    }

    fn forward(&self, level: Level, weights: &[ForwardWeights], part: Part, tracked: bool, memory: &mut [f32]) {
        let mut layers = self.split(part, tracked, memory);
        for (layer, weights) in weights.iter().enumerate() {
            let (below, here) = layers.split_at_mut(layer);
            let Some(here) = here.first_mut() else { return };
            level.run(LayerForward {
                shape: self.shape,
                steps: self.window.steps,
                rows: part.rows,
                input: self.input(part, below.last()),
                weights,
                gates: here.gates,
                cell: here.cell,
                output: here.output,
            });
            if layer + 1 < self.shape.layers {
                self.mask(layer, part, Some(here.output), here.masked);
            }
        }
    }

    /// Where a part's rows are in the blocks of the outputs.
    fn places(&self, part: Part) -> Places {
        let hidden = self.shape.hidden;
        Places { one: self.window.samples * hidden, first: part.first * hidden, wide: part.rows * hidden }
    }

    fn read_outputs(&self, part: Part, layers: &[LayerMemory<'_>], outputs: &mut [f32]) {
        let (places, padded, hidden) = (self.places(part), self.shape.padded(), self.shape.hidden);
        let mut copy = |from: &[f32], number: usize| {
            let to = outputs[places.of(number)].chunks_exact_mut(hidden);
            to.zip(from.chunks_exact(padded)).for_each(|(to, from)| to.copy_from_slice(&from[..hidden]));
        };
        let size = part.rows * padded;
        let last = |values: &'_ [f32]| values.len() - size..;
        let Some(top) = layers.last() else { return };
        if self.wanted == Wanted::Last {
            return copy(&top.output[last(top.output)], 0);
        }
        for (layer, memory) in layers.iter().enumerate() {
            copy(&memory.output[last(memory.output)], 2 * layer);
            copy(&memory.cell[last(memory.cell)], 2 * layer + 1);
        }
        for (step, outputs) in top.output.chunks_exact(size).enumerate() {
            copy(outputs, 2 * self.shape.layers + step);
        }
    }

    /// Goes back through all layers of a part; leaves the gates' gradients in place of the gates. Gives the
    /// gradients of the input, `[steps, rows, inputs padded]`, where asked for.
    fn backward(
        &self,
        level: Level,
        weights: &[BackwardWeights],
        part: Part,
        memory: &mut [f32],
        gradient: &[f32],
        scratch: &Arc<Memory>,
    ) -> Option<Buffer> {
        let (places, padded, hidden) = (self.places(part), self.shape.padded(), self.shape.hidden);
        let size = part.rows * padded;
        let spread = |number: usize, to: &mut [f32]| {
            let from = gradient[places.of(number)].chunks_exact(hidden);
            for (to, from) in to.chunks_exact_mut(padded).zip(from) {
                to[..hidden].copy_from_slice(from);
                to[hidden..].fill(0.0);
            }
        };
        let all = self.wanted == Wanted::All;
        let mut outputs = all.then(|| {
            let mut outputs = scratch.take(self.window.steps * size);
            let steps = outputs.chunks_exact_mut(size).enumerate();
            steps.for_each(|(step, to)| spread(2 * self.shape.layers + step, to));
            outputs
        });
        let (mut of_output, mut of_cell) = (scratch.take(size), scratch.take(size));
        for ((layer, here), weights) in self.split(part, true, memory).into_iter().enumerate().zip(weights).rev() {
            of_output.fill(0.0);
            of_cell.fill(0.0);
            if all {
                spread(2 * layer, &mut of_output);
                spread(2 * layer + 1, &mut of_cell);
            } else if layer + 1 == self.shape.layers {
                spread(0, &mut of_output);
            }
            let wide = self.window.steps * part.rows * weights.inputs.columns();
            let mut inputs = (wide > 0).then(|| scratch.take(wide));
            level.run(LayerBackward {
                shape: self.shape,
                steps: self.window.steps,
                rows: part.rows,
                weights,
                gates: here.gates,
                cell: here.cell,
                outputs: outputs.as_deref().unwrap_or_default(),
                hidden: &mut of_output,
                last_cell: &mut of_cell,
                inputs: inputs.as_deref_mut().unwrap_or_default(),
            });
            if let (Some(below), Some(inputs)) = (layer.checked_sub(1), inputs.as_deref_mut()) {
                self.mask(below, part, None, inputs);
            }
            outputs = inputs;
        }
        outputs
    }
}

/// Where a part's rows are in the blocks of a stack's outputs.
#[derive(Clone, Copy)]
struct Places {
    one: usize,
    first: usize,
    wide: usize,
}

impl Places {
    fn of(self, block: usize) -> Range<usize> {
        let first = block * self.one + self.first;
        first..first + self.wide
    }
}

/// What a forward pass leaves for the way back: the memory of each part of each stack.
#[derive(Debug)]
pub struct Tape(Vec<Buffer>);

/// Runs stacks forward, each on its weights; the outputs of all, one stack after the other. There is
/// something on the tape only if it is `tracked`.
pub fn forward(
    level: Level,
    stacks: &[Stack<'_>],
    weights: &[impl AsRef<[ForwardWeights]> + Sync],
    tracked: bool,
    memory: &Arc<Memory>,
) -> (Vec<f32>, Tape) {
    let tasks = stacks.iter().zip(weights).flat_map(|(stack, weights)| {
        parts(stack.window.samples).map(move |part| {
            let size = stack.memory(part, tracked).iter().sum::<usize>();
            (stack, weights.as_ref(), part, memory.take(size * stack.shape.layers))
        })
    });
    let mut tasks: Vec<_> = tasks.collect();
    tasks.par_iter_mut().with_max_len(1).for_each(|(stack, weights, part, memory)| {
        stack.forward(level, weights, *part, tracked, memory);
    });
    let mut outputs = vec![0.0; stacks.iter().map(Stack::outputs).sum()];
    let mut tasks = tasks.into_iter();
    let mut rest = outputs.as_mut_slice();
    let mut tape = Vec::new();
    for stack in stacks {
        let (outputs, after) = std::mem::take(&mut rest).split_at_mut(stack.outputs());
        rest = after;
        for (_, _, part, mut memory) in tasks.by_ref().take(parts(stack.window.samples).count()) {
            stack.read_outputs(part, &stack.split(part, tracked, &mut memory), outputs);
            tape.push(memory);
        }
    }
    if !tracked {
        tape.clear();
    }
    (outputs, Tape(tape))
}

/// The gradients of stacks, one stack after the other.
#[derive(Debug)]
pub struct StackGradients {
    /// Of the parameters.
    pub parameters: Vec<f32>,
    /// Of the inputs, `[steps, samples, inputs]` each; empty where nobody asks.
    pub inputs: Vec<f32>,
}

/// Runs stacks backward, from the gradient of their outputs.
pub fn backward(
    level: Level,
    stacks: &[Stack<'_>],
    weights: &[impl AsRef<[BackwardWeights]> + Sync],
    mut tape: Tape,
    gradient: &[f32],
    memory: &Arc<Memory>,
) -> StackGradients {
    let mut before = 0;
    let mut tasks = Vec::new();
    let mut buffers = tape.0.iter_mut();
    for (stack, weights) in stacks.iter().zip(weights) {
        let gradient = &gradient[before..before + stack.outputs()];
        before += stack.outputs();
        for (part, buffer) in parts(stack.window.samples).zip(buffers.by_ref()) {
            tasks.push((stack, weights.as_ref(), part, buffer, gradient, None));
        }
    }
    tasks.par_iter_mut().with_max_len(1).for_each(|(stack, weights, part, buffer, gradient, input)| {
        *input = stack.backward(level, weights, *part, buffer, gradient, memory);
    });
    let inputs = gather_inputs(stacks, tasks.iter().map(|(.., input)| input.as_deref()));
    let parameters = parameter_gradients(level, stacks, &mut tape, memory);
    StackGradients { parameters, inputs }
}

/// The gradients of the inputs of all parts, put together.
fn gather_inputs<'a>(stacks: &[Stack<'_>], mut gradients: impl Iterator<Item = Option<&'a [f32]>>) -> Vec<f32> {
    let mut all = Vec::new();
    for stack in stacks {
        let (samples, inputs) = (stack.window.samples, stack.shape.inputs);
        let first = all.len();
        for part in parts(samples) {
            let Some(Some(gradient)) = gradients.next() else { continue };
            all.resize(first + stack.window.steps * samples * inputs, 0.0);
            let padded = gradient.len() / (stack.window.steps * part.rows);
            for (index, row) in gradient.chunks_exact(padded).enumerate() {
                let place = index / part.rows * samples + part.first + index % part.rows;
                all[first + place * inputs..][..inputs].copy_from_slice(&row[..inputs]);
            }
        }
    }
    all
}

fn parameter_gradients(level: Level, stacks: &[Stack<'_>], tape: &mut Tape, memory: &Arc<Memory>) -> Vec<f32> {
    let mut buffers = tape.0.iter_mut();
    let mut layers = Vec::new();
    let split: Vec<Vec<(Part, Vec<LayerMemory<'_>>)>> = stacks
        .iter()
        .map(|stack| {
            let buffers = parts(stack.window.samples).zip(buffers.by_ref());
            buffers.map(|(part, buffer)| (part, stack.split(part, true, buffer))).collect()
        })
        .collect();
    for (stack, parts) in stacks.iter().zip(&split) {
        for layer in 0..stack.shape.layers {
            let traces: Vec<LayerTrace<'_>> = parts
                .iter()
                .map(|(part, memory)| LayerTrace {
                    rows: part.rows,
                    input: stack.input(*part, layer.checked_sub(1).map(|below| &memory[below])),
                    output: stack.rows(*part, memory[layer].output),
                    gates: memory[layer].gates,
                })
                .collect();
            let size = gradient_panels(stack.shape, layer).map(|(.., count)| count).sum();
            layers.push((stack, layer, traces, memory.take(size)));
        }
    }
    let mut panels = Vec::new();
    for (stack, layer, traces, sums) in &mut layers {
        let mut rest: &mut [f32] = sums;
        for (first, width, count) in gradient_panels(stack.shape, *layer) {
            let (sums, after) = rest.split_at_mut(count);
            rest = after;
            let gates = 4 * stack.shape.padded();
            panels.push(PanelGradient { parts: traces, steps: stack.window.steps, gates, first, width, sums });
        }
    }
    panels.into_par_iter().with_max_len(1).for_each(|panel| level.run(panel));
    let mut gradients = vec![0.0; stacks.iter().map(|stack| stack.shape.parameters()).sum()];
    let mut rest = gradients.as_mut_slice();
    let mut unpacked = Vec::new();
    for (stack, layer, _, sums) in &layers {
        let ranges = stack.shape.parameters_of(*layer);
        let (parameters, after) = std::mem::take(&mut rest).split_at_mut(ranges.bias_hh.end - ranges.weight_ih.start);
        rest = after;
        unpacked.push((stack.shape, *layer, sums, parameters));
    }
    unpacked.into_par_iter().with_max_len(1).for_each(|(shape, layer, sums, parameters)| {
        unpack(shape, layer, sums, parameters);
    });
    gradients
}

//! One LSTM layer backward, over all steps of a part of a batch.

use crate::networks::recurrent::activation::tanh;
use crate::networks::recurrent::lanes::{Lanes, Task};
use crate::networks::recurrent::shape::Shape;
use crate::networks::recurrent::weights::BackwardWeights;

/// One layer's backward pass, from the last step to the first: what the loss changes with each gate, and
/// with what the layer read.
#[derive(Debug)]
pub struct LayerBackward<'a> {
    /// The stack's sizes.
    pub shape: Shape,
    /// Steps of each window.
    pub steps: usize,
    /// Rows of the part.
    pub rows: usize,
    /// The layer's weights.
    pub weights: &'a BackwardWeights,
    /// The gates, `[steps, rows, 4, padded]`; takes the gradients of what they are made of.
    pub gates: &'a mut [f32],
    /// The cell states: `[steps, rows, padded]`.
    pub cell: &'a [f32],
    /// The gradients of the outputs, `[steps, rows, padded]`; empty where only the last one matters.
    pub outputs: &'a [f32],
    /// The gradients of the last output: `[rows, padded]`. Is written over.
    pub hidden: &'a mut [f32],
    /// The gradients of the last cell state: `[rows, padded]`. Is written over.
    pub last_cell: &'a mut [f32],
    /// Takes the gradients of the inputs, `[steps, rows, inputs padded]`; empty where nobody asks.
    pub inputs: &'a mut [f32],
}

impl Task for LayerBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let size = self.rows * self.shape.padded();
        for step in (0..self.steps).rev() {
            let gates = &mut self.gates[step * 4 * size..(step + 1) * 4 * size];
            let (before, cell) = self.cell.split_at(step * size);
            let step_gradients = StepGradients {
                padded: self.shape.padded(),
                cell: &cell[..size],
                before: if step == 0 { before } else { &before[(step - 1) * size..] },
                outputs: if self.outputs.is_empty() { &[] } else { &self.outputs[step * size..(step + 1) * size] },
            };
            step_gradients.compute(lanes, gates, self.hidden, self.last_cell);
            if step > 0 {
                self.weights.hidden.product(lanes, gates, self.hidden);
            }
            if !self.inputs.is_empty() {
                let wide = self.rows * self.weights.inputs.columns();
                self.weights.inputs.product(lanes, gates, &mut self.inputs[step * wide..(step + 1) * wide]);
            }
        }
    }
}

/// What one step's gradients are made of.
struct StepGradients<'a> {
    padded: usize,
    cell: &'a [f32],
    /// The cell states of the step before; empty at the first.
    before: &'a [f32],
    outputs: &'a [f32],
}

impl StepGradients<'_> {
    #[inline(always)]
    fn compute<L: Lanes>(&self, lanes: L, gates: &mut [f32], hidden: &[f32], cell_gradients: &mut [f32]) {
        for (row, gates) in gates.chunks_exact_mut(4 * self.padded).enumerate() {
            for unit in (0..self.padded).step_by(L::COUNT) {
                let place = row * self.padded + unit;
                let (i, f) = (lanes.load(gates, unit), lanes.load(gates, self.padded + unit));
                let (g, o) = (lanes.load(gates, 2 * self.padded + unit), lanes.load(gates, 3 * self.padded + unit));
                let squashed = tanh(lanes, lanes.load(self.cell, place));
                let mut output = lanes.load(hidden, place);
                if !self.outputs.is_empty() {
                    output = lanes.add(output, lanes.load(self.outputs, place));
                }
                let cell = lanes.load(cell_gradients, place);
                let cell = lanes.add(cell, through_tanh(lanes, lanes.multiply(output, o), squashed));
                let of_i = through_sigmoid(lanes, lanes.multiply(cell, g), i);
                let of_f = match self.before {
                    [] => lanes.splat(0.0),
                    before => through_sigmoid(lanes, lanes.multiply(cell, lanes.load(before, place)), f),
                };
                let of_g = through_tanh(lanes, lanes.multiply(cell, i), g);
                let of_o = through_sigmoid(lanes, lanes.multiply(output, squashed), o);
                lanes.store(cell_gradients, place, lanes.multiply(cell, f));
                lanes.store(gates, unit, of_i);
                lanes.store(gates, self.padded + unit, of_f);
                lanes.store(gates, 2 * self.padded + unit, of_g);
                lanes.store(gates, 3 * self.padded + unit, of_o);
            }
        }
    }
}

/// A gradient times the derivative of the sigmoid, by its value.
#[inline(always)]
fn through_sigmoid<L: Lanes>(lanes: L, gradient: L::Vector, value: L::Vector) -> L::Vector {
    lanes.multiply(gradient, lanes.multiply(value, lanes.subtract(lanes.splat(1.0), value)))
}

/// A gradient times the derivative of the hyperbolic tangent, by its value.
#[inline(always)]
fn through_tanh<L: Lanes>(lanes: L, gradient: L::Vector, value: L::Vector) -> L::Vector {
    lanes.multiply(gradient, lanes.multiply_subtract_from(value, value, lanes.splat(1.0)))
}

//! The gradients of a layer's parameters: products over all steps and samples of a batch.

use crate::networks::recurrent::forward::Rows;
use crate::networks::recurrent::lanes::{Lanes, Task, WIDTH};
use crate::networks::recurrent::product::{PANEL, add_outer, panels};
use crate::networks::recurrent::shape::{MOST_SAMPLES, Shape};

/// About so many steps and samples are taken at a time: their gates' gradients stay in the nearest cache.
const DEPTH: usize = 64;
const _: () = assert!(MOST_SAMPLES <= DEPTH);

/// What a layer read, and the gradients of its gates, in one part of a batch.
#[derive(Clone, Copy, Debug)]
pub struct LayerTrace<'a> {
    /// Rows of the part.
    pub rows: usize,
    /// What the layer read.
    pub input: Rows<'a>,
    /// What it gave.
    pub output: Rows<'a>,
    /// The gradients of what its gates are made of: `[steps, rows, 4, padded]`.
    pub gates: &'a [f32],
}

/// The gradients of the parameters that some gates have: those of one panel of gates.
#[derive(Debug)]
pub struct PanelGradient<'a> {
    /// The parts of the batch, in order.
    pub parts: &'a [LayerTrace<'a>],
    /// Steps of each window.
    pub steps: usize,
    /// Gates with those that pad them.
    pub gates: usize,
    /// The panel's first gate.
    pub first: usize,
    /// The panel's gates.
    pub width: usize,
    /// Takes the gradients: a row of `width` for the bias, each input and each unit of the step before.
    pub sums: &'a mut [f32],
}

impl Task for PanelGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        self.sums.fill(0.0);
        let (bias, weights) = self.sums.split_at_mut(self.width);
        let mut packed = [0.0; DEPTH * PANEL];
        for part in self.parts {
            let inputs = part.input.width;
            let (of_inputs, of_hidden) = weights.split_at_mut(inputs * self.width);
            let steps = (DEPTH / part.rows).max(1);
            for from in (0..self.steps).step_by(steps) {
                let to = self.steps.min(from + steps);
                let rows = from * part.rows..to * part.rows;
                let packed = &mut packed[..rows.len() * self.width];
                for (packed, row) in packed.chunks_exact_mut(self.width).zip(rows) {
                    packed.copy_from_slice(&part.gates[row * self.gates + self.first..][..self.width]);
                    bias.iter_mut().zip(&*packed).for_each(|(bias, gradient)| *bias += gradient);
                }
                let mut table: [&[f32]; DEPTH] = [&[]; DEPTH];
                let count = fill(&mut table, part.input.all(from..to, part.rows));
                add_outer(lanes, &table[..count], inputs, packed, self.width, of_inputs);
                // Before the first step there is no output, and nothing to add.
                let (first, packed) = if from == 0 { (1, &packed[part.rows * self.width..]) } else { (from, &*packed) };
                let count = fill(&mut table, part.output.all(first - 1..to - 1, part.rows));
                add_outer(lanes, &table[..count], part.output.width, packed, self.width, of_hidden);
            }
        }
    }
}

/// Writes rows into a table; how many there are.
#[inline(always)]
fn fill<'a>(table: &mut [&'a [f32]], rows: impl Iterator<Item = &'a [f32]>) -> usize {
    table.iter_mut().zip(rows).map(|(entry, row)| *entry = row).count()
}

/// The panels of a layer's gates, each with how many sums it has.
pub fn gradient_panels(shape: Shape, layer: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let rows = 1 + shape.inputs_of(layer) + shape.hidden;
    panels(4 * shape.padded()).map(move |(first, width)| (first, width, rows * width))
}

/// Writes the sums of all panels of a layer, one after the other, as PyTorch lays its parameters out.
pub fn unpack(shape: Shape, layer: usize, sums: &[f32], parameters: &mut [f32]) {
    let (inputs, hidden, padded) = (shape.inputs_of(layer), shape.hidden, shape.padded());
    let (weight_ih, rest) = parameters.split_at_mut(4 * hidden * inputs);
    let (weight_hh, rest) = rest.split_at_mut(4 * hidden * hidden);
    let (bias_ih, bias_hh) = rest.split_at_mut(4 * hidden);
    let mut sums = sums;
    for (first, width, count) in gradient_panels(shape, layer) {
        let (panel, rest) = sums.split_at(count);
        sums = rest;
        // A register's gates are all of one kind.
        for strip in (first..first + width).step_by(WIDTH) {
            let (gate, unit) = (strip / padded, strip % padded);
            for lane in 0..WIDTH.min(hidden.saturating_sub(unit)) {
                let row = gate * hidden + unit + lane;
                let mut column = panel[strip - first + lane..].iter().step_by(width);
                if let Some(bias) = column.next() {
                    (bias_ih[row], bias_hh[row]) = (*bias, *bias);
                }
                let of_inputs = weight_ih[row * inputs..(row + 1) * inputs].iter_mut();
                let of_hidden = weight_hh[row * hidden..(row + 1) * hidden].iter_mut();
                of_inputs.chain(of_hidden).zip(column).for_each(|(gradient, sum)| *gradient = *sum);
            }
        }
    }
}

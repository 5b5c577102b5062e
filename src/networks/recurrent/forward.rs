//! One LSTM layer forward, over all steps of a part of a batch.

use std::ops::Range;

use crate::networks::recurrent::activation::{sigmoid, tanh};
use crate::networks::recurrent::lanes::{Lanes, MOST_ROWS, Task, WIDTH};
use crate::networks::recurrent::product::{PANEL, Tile, accumulate, tiles, with_rows};
use crate::networks::recurrent::shape::Shape;
use crate::networks::recurrent::weights::ForwardWeights;

/// What a layer reads at each step, for each row of a part.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The numbers, from those of the first row at the first step on.
    pub values: &'a [f32],
    /// How far apart steps are.
    pub step: usize,
    /// How far apart rows are.
    pub row: usize,
    /// How many numbers a row has.
    pub width: usize,
}

impl<'a> Rows<'a> {
    /// One row at one step.
    #[inline(always)]
    pub fn at(&self, step: usize, row: usize) -> &'a [f32] {
        &self.values[step * self.step + row * self.row..][..self.width]
    }

    /// All of `rows` rows at some steps.
    #[inline(always)]
    pub fn all(self, steps: Range<usize>, rows: usize) -> impl Iterator<Item = &'a [f32]> {
        steps.flat_map(move |step| (0..rows).map(move |row| self.at(step, row)))
    }
}

/// One layer's forward pass. States before the first step are zero.
///
/// For each step and row: a = W_ih x + W_hh h + b; i, f, o = sigmoid(a), g = tanh(a); c = f c + i g;
/// h = o tanh(c).
#[derive(Debug)]
pub struct LayerForward<'a> {
    /// The stack's sizes.
    pub shape: Shape,
    /// Steps of each window.
    pub steps: usize,
    /// Rows of the part.
    pub rows: usize,
    /// What the layer reads.
    pub input: Rows<'a>,
    /// Its weights.
    pub weights: &'a ForwardWeights,
    /// Takes the gates, `[steps, rows, 4, padded]`, for the backward pass; empty if there will be none.
    pub gates: &'a mut [f32],
    /// Takes the cell states: `[steps, rows, padded]` if there are gates, else the last, `[rows, padded]`.
    pub cell: &'a mut [f32],
    /// Takes the outputs: `[steps, rows, padded]`.
    pub output: &'a mut [f32],
}

impl Task for LayerForward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let padded = self.shape.padded();
        let size = self.rows * padded;
        let keeps = !self.gates.is_empty();
        for step in 0..self.steps {
            let (before, now) = self.output.split_at_mut(step * size);
            let mut state = Step {
                input: self.input,
                step,
                padded,
                hidden: self.shape.hidden,
                before: if step == 0 { before } else { &before[(step - 1) * size..] },
                gates: if keeps { &mut self.gates[step * 4 * size..(step + 1) * 4 * size] } else { &mut [] },
                cell: match step.checked_sub(1) {
                    Some(previous) if keeps => &mut self.cell[previous * size..(step + 1) * size],
                    _ => &mut self.cell[..size],
                },
                shift: if keeps && step > 0 { size } else { 0 },
                output: &mut now[..size],
            };
            for (block, panel) in self.weights.panels().enumerate() {
                for (top, rows) in tiles(self.rows, L::GATE_ROWS) {
                    for half in (0..WIDTH).step_by(L::COUNT) {
                        with_rows!(
                            rows,
                            L::GATE_ROWS,
                            tile::<L, _>(lanes, &mut state, panel, top, block * WIDTH, half)
                        );
                    }
                }
            }
        }
    }
}

/// One step of a layer.
struct Step<'a> {
    input: Rows<'a>,
    step: usize,
    padded: usize,
    hidden: usize,
    /// The outputs of the step before; empty at the first.
    before: &'a [f32],
    /// Takes the gates, if they are kept.
    gates: &'a mut [f32],
    /// The cell states of the step before, if there was one.
    cell: &'a mut [f32],
    /// Where among them, or after them, this step's belong.
    shift: usize,
    output: &'a mut [f32],
}

/// The four gates of some rows and of as many units as a register holds, from products to outputs.
#[inline(always)]
fn tile<L: Lanes, const ROWS: usize>(
    lanes: L,
    state: &mut Step<'_>,
    panel: &[f32],
    top: usize,
    block: usize,
    half: usize,
) {
    let columns = [half, WIDTH + half, 2 * WIDTH + half, 3 * WIDTH + half];
    let mut bias = [lanes.splat(0.0); 4];
    let (mut inputs, mut before): ([&[f32]; ROWS], [&[f32]; ROWS]) = ([&[]; ROWS], [&[]; ROWS]);
    for gate in 0..4 {
        bias[gate] = lanes.load(panel, columns[gate]);
    }
    for row in 0..ROWS {
        inputs[row] = state.input.at(state.step, top + row);
        if state.step > 0 {
            before[row] = &state.before[(top + row) * state.padded..][..state.hidden];
        }
    }
    let panel = &panel[PANEL..];
    let mut sums: Tile<L, ROWS, 4> = accumulate(lanes, [bias; ROWS], inputs, panel, PANEL, columns);
    if state.step > 0 {
        sums = accumulate(lanes, sums, before, &panel[state.input.width * PANEL..], PANEL, columns);
    }
    // By way of memory: what a loop picks out by number the compiler keeps in memory all along.
    let mut scratch = [0.0; MOST_ROWS * PANEL];
    for row in 0..ROWS {
        for gate in 0..4 {
            lanes.store(&mut scratch, (row * 4 + gate) * L::COUNT, sums[row][gate]);
        }
    }
    for (row, sums) in scratch.chunks_exact(4 * L::COUNT).take(ROWS).enumerate() {
        let place = (top + row) * state.padded + block + half;
        let i = sigmoid(lanes, lanes.load(sums, 0));
        let f = sigmoid(lanes, lanes.load(sums, L::COUNT));
        let g = tanh(lanes, lanes.load(sums, 2 * L::COUNT));
        let o = sigmoid(lanes, lanes.load(sums, 3 * L::COUNT));
        let mut cell = lanes.multiply(i, g);
        if state.step > 0 {
            cell = lanes.multiply_add(f, lanes.load(state.cell, place), cell);
        }
        lanes.store(state.cell, state.shift + place, cell);
        lanes.store(state.output, place, lanes.multiply(o, tanh(lanes, cell)));
        if !state.gates.is_empty() {
            let gates = &mut state.gates[(top + row) * 4 * state.padded + block + half..];
            lanes.store(gates, 0, i);
            lanes.store(gates, state.padded, f);
            lanes.store(gates, 2 * state.padded, g);
            lanes.store(gates, 3 * state.padded, o);
        }
    }
}

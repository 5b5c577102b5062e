//! One LSTM layer forward, over all steps of a part of a batch.

use std::ops::Range;

use crate::networks::recurrent::activation::{sigmoid, tanh};
use crate::networks::recurrent::lanes::{Lanes, MOST_ROWS, Task, WIDTH};
use crate::networks::recurrent::product::{PANEL, Tile, accumulate, load_tile, store_tile, tiles, with_rows};
use crate::networks::recurrent::shape::{GatePlaces, Shape};
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
    /// Takes the gates for the backward pass, [laid out](GatePlaces) in panels; empty if there will be none.
    pub gates: &'a mut [f32],
    /// Takes the cell states: `[steps, rows, padded]` if there are gates, else the last, `[rows, padded]`.
    pub cell: &'a mut [f32],
    /// Takes the outputs: `[steps, rows, padded]`.
    pub output: &'a mut [f32],
    /// Takes what the inputs add to the gates, `[steps, rows, 4 × padded]`, where rows are so few that their
    /// steps are better taken together ([`few`]); else empty.
    pub sums: &'a mut [f32],
}

/// Whether a part has so few rows that a tile is better filled with several steps of what its inputs add to the
/// gates: each arrival of the weights is used more often. The chains of additions are the same.
pub fn few(rows: usize) -> bool {
    rows <= MOST_ROWS / 2
}

impl Task for LayerForward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let padded = self.shape.padded();
        let size = self.rows * padded;
        let keeps = !self.gates.is_empty();
        if !self.sums.is_empty() {
            for (block, panel) in self.weights.panels().enumerate() {
                for (top, rows) in tiles(self.steps * self.rows, L::GATE_ROWS) {
                    for half in (0..WIDTH).step_by(L::COUNT) {
                        let place = block * PANEL + half;
                        let (input, sums) = (self.input, &mut *self.sums);
                        with_rows!(
                            rows,
                            L::GATE_ROWS,
                            input_tile::<L, _>(lanes, input, self.rows, panel, top, half, place, 4 * padded, sums)
                        );
                    }
                }
            }
        }
        for step in 0..self.steps {
            let (before, now) = self.output.split_at_mut(step * size);
            let mut state = Step {
                input: self.input,
                step,
                padded,
                hidden: self.shape.hidden,
                before: if step == 0 { before } else { &before[(step - 1) * size..] },
                gates: self.gates,
                places: GatePlaces { steps: self.steps, rows: self.rows, padded },
                cell: match step.checked_sub(1) {
                    Some(previous) if keeps => &mut self.cell[previous * size..(step + 1) * size],
                    _ => &mut self.cell[..size],
                },
                shift: if keeps && step > 0 { size } else { 0 },
                sums: if self.sums.is_empty() { &[] } else { &self.sums[step * 4 * size..] },
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
    /// Takes the gates of all steps, if they are kept.
    gates: &'a mut [f32],
    places: GatePlaces,
    /// The cell states of the step before, if there was one.
    cell: &'a mut [f32],
    /// Where among them, or after them, this step's belong.
    shift: usize,
    /// What the inputs add to the gates from this step on, if that is known.
    sums: &'a [f32],
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
    let mut sums: Tile<L, ROWS, 4> = [bias; ROWS];
    if state.sums.is_empty() {
        sums = accumulate(lanes, sums, inputs, panel, PANEL, columns);
    } else {
        sums = load_tile(lanes, state.sums, top * 4 * state.padded + block * 4 + half, 4 * state.padded, WIDTH);
    }
    if state.step > 0 {
        sums = accumulate(lanes, sums, before, &panel[state.input.width * PANEL..], PANEL, columns);
    }
    // By way of memory: what a loop picks out by number the compiler keeps in memory all along.
    let mut scratch = [0.0; MOST_ROWS * PANEL];
    store_tile(lanes, sums, &mut scratch, 0, 4 * L::COUNT, L::COUNT);
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
            let unit = block + half;
            lanes.store(state.gates, state.places.of(state.step, top + row, 0, unit), i);
            lanes.store(state.gates, state.places.of(state.step, top + row, 1, unit), f);
            lanes.store(state.gates, state.places.of(state.step, top + row, 2, unit), g);
            lanes.store(state.gates, state.places.of(state.step, top + row, 3, unit), o);
        }
    }
}

/// What the inputs of several steps add to the gates of as many units as a register holds.
#[inline(always)]
#[expect(clippy::too_many_arguments)] // it is inlined
fn input_tile<L: Lanes, const ROWS: usize>(
    lanes: L,
    input: Rows<'_>,
    rows: usize,
    panel: &[f32],
    top: usize,
    half: usize,
    place: usize,
    width: usize,
    out: &mut [f32],
) {
    let columns = [half, WIDTH + half, 2 * WIDTH + half, 3 * WIDTH + half];
    let mut bias = [lanes.splat(0.0); 4];
    let mut inputs: [&[f32]; ROWS] = [&[]; ROWS];
    for gate in 0..4 {
        bias[gate] = lanes.load(panel, columns[gate]);
    }
    for row in 0..ROWS {
        inputs[row] = input.at((top + row) / rows, (top + row) % rows);
    }
    let sums: Tile<L, ROWS, 4> = accumulate(lanes, [bias; ROWS], inputs, &panel[PANEL..], PANEL, columns);
    store_tile(lanes, sums, out, top * width + place, width, WIDTH);
}

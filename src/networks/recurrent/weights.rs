//! The weights of an LSTM as the kernels read them: packed once for each set of parameters.

use rayon::prelude::*;

use crate::networks::recurrent::lanes::WIDTH;
use crate::networks::recurrent::product::{PANEL, Packed};
use crate::networks::recurrent::shape::Shape;

/// The weights of one layer for the forward pass: for each [`WIDTH`] units a panel, with a row for the
/// bias, each input and each unit of the step before; in a row the four gates i, f, g, o of those units.
#[derive(Clone, Debug)]
pub struct ForwardWeights {
    values: Vec<f32>,
    rows: usize,
}

impl ForwardWeights {
    /// Packs a layer of a stack's parameters.
    pub fn new(shape: Shape, layer: usize, parameters: &[f32]) -> Self {
        let (inputs, hidden) = (shape.inputs_of(layer), shape.hidden);
        let ranges = shape.parameters_of(layer);
        let (weight_ih, weight_hh) = (&parameters[ranges.weight_ih], &parameters[ranges.weight_hh]);
        let (bias_ih, bias_hh) = (&parameters[ranges.bias_ih], &parameters[ranges.bias_hh]);
        let rows = 1 + inputs + hidden;
        let mut values = vec![0.0; rows * shape.padded() * 4];
        for (block, panel) in values.chunks_exact_mut(rows * PANEL).enumerate() {
            for lane in 0..WIDTH.min(hidden - block * WIDTH) {
                for gate in 0..4 {
                    let unit = gate * hidden + block * WIDTH + lane;
                    let place = gate * WIDTH + lane;
                    panel[place] = bias_ih[unit] + bias_hh[unit];
                    let of_inputs = &weight_ih[unit * inputs..(unit + 1) * inputs];
                    let of_hidden = &weight_hh[unit * hidden..(unit + 1) * hidden];
                    let column = panel[PANEL + place..].iter_mut().step_by(PANEL);
                    column.zip(of_inputs.iter().chain(of_hidden)).for_each(|(packed, weight)| *packed = *weight);
                }
            }
        }
        Self { values, rows }
    }

    /// All layers of a stack.
    pub fn all(shape: Shape, parameters: &[f32]) -> Vec<Self> {
        (0..shape.layers).into_par_iter().map(|layer| Self::new(shape, layer, parameters)).collect()
    }

    /// The panels, one for each [`WIDTH`] units.
    pub fn panels(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.rows * PANEL)
    }
}

/// The weights of one layer for the backward pass: each a matrix `[4 × padded, …]`.
#[derive(Clone, Debug)]
pub struct BackwardWeights {
    /// From the gates to the units of the step before.
    pub hidden: Packed,
    /// From the gates to the layer's inputs; empty where nobody asks for their gradient.
    pub inputs: Packed,
}

impl BackwardWeights {
    /// Packs a layer of a stack's parameters.
    pub fn new(shape: Shape, layer: usize, parameters: &[f32], for_inputs: bool) -> Self {
        let ranges = shape.parameters_of(layer);
        let matrix = |weights: &[f32], columns: usize| {
            Packed::new(4 * shape.padded(), columns, |inner, first, row| {
                let (gate, unit) = (inner / shape.padded(), inner % shape.padded());
                if unit < shape.hidden {
                    let weights = &weights[(gate * shape.hidden + unit) * columns..][..columns];
                    let weights = &weights[first..columns.min(first + row.len())];
                    row[..weights.len()].copy_from_slice(weights);
                }
            })
        };
        Self {
            hidden: matrix(&parameters[ranges.weight_hh], shape.hidden),
            inputs: if for_inputs {
                matrix(&parameters[ranges.weight_ih], shape.inputs_of(layer))
            } else {
                Packed::default()
            },
        }
    }

    /// All layers of a stack. The first layer's weights of the inputs are packed only if asked for.
    pub fn all(shape: Shape, parameters: &[f32], for_inputs: bool) -> Vec<Self> {
        let layer = |layer| Self::new(shape, layer, parameters, for_inputs || layer > 0);
        (0..shape.layers).into_par_iter().map(layer).collect()
    }
}

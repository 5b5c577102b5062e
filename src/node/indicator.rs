//! Indicators: state machines that take one bar and give one value, and columns made of them.

use crate::data::Column;
use crate::error::Result;
use crate::expr::Arguments;
use crate::node::Spec;

/// An indicator's code: one bar in, one row of values out, O(1) a bar.
///
/// The machine is never shown a value that is not known: a bar on which any input is not finite is
/// passed over (the state stays, every output is NaN). So machines hold no checks for NaN, and a
/// gap in the data delays an indicator but does not spoil it. Before its lookback is filled, a
/// machine gives NaN.
pub trait Machine: Send {
    /// The inputs of one bar: `[f64; N]`.
    type Input: Row;
    /// The outputs of one bar: `[f64; N]`.
    type Output: Row;

    /// Takes the next bar.
    fn update(&mut self, input: Self::Input) -> Self::Output;
}

/// A fixed number of values: `[f64; N]`.
pub trait Row: Copy {
    /// How many.
    const LEN: usize;
    /// All of them the same.
    fn splat(value: f64) -> Self;
    /// All of them, as a slice.
    fn as_slice(&self) -> &[f64];
    /// All of them, as a slice.
    fn as_mut_slice(&mut self) -> &mut [f64];
}

impl<const N: usize> Row for [f64; N] {
    const LEN: usize = N;

    fn splat(value: f64) -> Self {
        [value; N]
    }

    fn as_slice(&self) -> &[f64] {
        self
    }

    fn as_mut_slice(&mut self) -> &mut [f64] {
        self
    }
}

/// A [`Machine`] behind a pointer: whole columns, or bar by bar. Implemented for every machine.
pub trait Indicator: Send {
    /// Takes the next bar and writes its values. Slices of the wrong length leave `outputs` NaN.
    fn update_row(&mut self, inputs: &[f64], outputs: &mut [f64]);

    /// Runs over whole columns of one length, from the state that it is in; a column an output.
    fn columns(&mut self, inputs: &[Column]) -> Vec<Column>;
}

impl<M: Machine> Indicator for M {
    fn update_row(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let mut input = M::Input::splat(f64::NAN);
        if inputs.len() == M::Input::LEN {
            input.as_mut_slice().copy_from_slice(inputs);
        }
        let output = step(self, input);
        for (to, from) in outputs.iter_mut().zip(output.as_slice()) {
            *to = *from;
        }
    }

    fn columns(&mut self, inputs: &[Column]) -> Vec<Column> {
        let length = inputs.iter().map(|column| column.len()).min().unwrap_or(0);
        let mut outputs = vec![vec![f64::NAN; length]; M::Output::LEN];
        if inputs.len() == M::Input::LEN {
            let mut input = M::Input::splat(f64::NAN);
            for bar in 0..length {
                for (to, column) in input.as_mut_slice().iter_mut().zip(inputs) {
                    *to = column[bar];
                }
                let output = step(self, input);
                for (column, value) in outputs.iter_mut().zip(output.as_slice()) {
                    column[bar] = *value;
                }
            }
        }
        outputs.into_iter().map(Column::from).collect()
    }
}

/// The one rule for what is not known: a bar with such an input is passed over.
#[inline(always)]
fn step<M: Machine>(machine: &mut M, input: M::Input) -> M::Output {
    if input.as_slice().iter().all(|value| value.is_finite()) {
        machine.update(input)
    } else {
        M::Output::splat(f64::NAN)
    }
}

/// An indicator in the registry: its Spec and how to make its machine.
#[derive(Clone, Copy)]
pub struct IndicatorNode {
    /// What it is called, takes and gives.
    pub spec: Spec,
    /// How many bars pass before its first value: the bar with this index is the first that has one.
    pub lookback: fn(&Arguments) -> Result<usize>,
    /// A fresh machine.
    pub machine: fn(&Arguments) -> Result<Box<dyn Indicator>>,
}

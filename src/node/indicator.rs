//! Indicators: state machines that take one bar and give one value, and columns made of them.

use std::array;

use crate::data::Column;
use crate::error::Result;
use crate::expr::Arguments;
use crate::node::Spec;
use crate::node::sweep::sweep;

/// An indicator's code: one bar in, one row of values out, O(1) a bar on average.
///
/// The machine is never shown a value that is not known: a bar on which any input is not finite is
/// passed over (the state stays, every output is NaN). So machines hold no checks for NaN, and a
/// gap in the data delays an indicator but does not spoil it. Before its lookback is filled, a
/// machine gives NaN. A value that comes out infinite is handed on as NaN.
///
/// A clone is a machine in the same state, which goes on by itself. Mark `update` and what it calls
/// `#[inline(always)]`: the loop over a column is then one piece.
pub trait Machine: Clone + Send {
    /// The inputs of one bar: `[f64; N]`.
    type Input: Row;
    /// The outputs of one bar: `[f64; N]`.
    type Output: Row;
    /// Whether [`Machine::finish`] does anything.
    const FINISHES: bool = false;

    /// Takes the next bar.
    fn update(&mut self, input: Self::Input) -> Self::Output;

    /// Makes the outputs of what `update` gave, by arithmetic that needs no other bar: a root, say. In a
    /// column that is done for many bars side by side, which takes a quarter of the time. It may read of the
    /// machine only what no bar changes.
    #[inline(always)]
    fn finish(&self, row: Self::Output) -> Self::Output {
        row
    }
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
    /// Runs a machine over the rows of so many columns; the machine as it is then, and the columns that
    /// come of it. They are NaN where the number of columns is wrong.
    fn sweep<M: Machine<Input = Self>>(columns: &[Column], machine: M) -> (M, Vec<Column>);
    /// The second half of `sweep`: the rows that come out.
    fn collect<M, const I: usize>(inputs: [&Column; I], machine: M) -> (M, Vec<Column>)
    where
        M: Machine<Input = [f64; I], Output = Self>;
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

    fn sweep<M: Machine<Input = Self>>(columns: &[Column], machine: M) -> (M, Vec<Column>) {
        let length = columns.iter().map(|column| column.len()).min().unwrap_or(0);
        let complete = columns.len() == N;
        let unknown = Column::from(vec![f64::NAN; if complete { 0 } else { length }]);
        let inputs = array::from_fn(|i| columns.get(i).filter(|_| complete).unwrap_or(&unknown));
        M::Output::collect(inputs, machine)
    }

    fn collect<M, const I: usize>(inputs: [&Column; I], machine: M) -> (M, Vec<Column>)
    where
        M: Machine<Input = [f64; I], Output = Self>,
    {
        let (machine, outputs) = sweep(inputs, machine);
        (machine, outputs.into())
    }
}

/// A [`Machine`] behind a pointer: whole columns, or bar by bar. Implemented for every machine.
pub trait Indicator: Send {
    /// Takes the next bar and writes its values. Where a slice has the wrong length, the machine is
    /// left alone and `outputs` are NaN.
    fn update_row(&mut self, inputs: &[f64], outputs: &mut [f64]);

    /// Runs over whole columns of one length, from the state that it is in; a column an output.
    fn columns(&mut self, inputs: &[Column]) -> Vec<Column>;
}

impl<M: Machine> Indicator for M {
    fn update_row(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        if inputs.len() != M::Input::LEN || outputs.len() != M::Output::LEN {
            outputs.fill(f64::NAN);
            return;
        }
        let mut input = M::Input::splat(f64::NAN);
        input.as_mut_slice().copy_from_slice(inputs);
        outputs.copy_from_slice(step(self, input).as_slice());
    }

    fn columns(&mut self, inputs: &[Column]) -> Vec<Column> {
        let (machine, outputs) = M::Input::sweep(inputs, self.clone());
        *self = machine;
        outputs
    }
}

/// The one rule for what is not known: a bar with such an input is passed over, and an output that
/// is not finite is NaN.
#[inline(never)]
pub(super) fn step<M: Machine>(machine: &mut M, input: M::Input) -> M::Output {
    if !input.as_slice().iter().all(|value| value.is_finite()) {
        return M::Output::splat(f64::NAN);
    }
    let row = machine.update(input);
    let mut output = machine.finish(row);
    for value in output.as_mut_slice() {
        *value = if value.is_finite() { *value } else { f64::NAN };
    }
    output
}

/// An indicator in the registry: its Spec and how to make its machine.
///
/// ```
/// use timeweave::data::{Column, Field};
/// use timeweave::expr::Arguments;
/// use timeweave::node::{IndicatorNode, Inputs, Machine, Registry, Spec};
///
/// /// The gap between this open and the last close.
/// #[derive(Clone)]
/// struct Gap {
///     last_close: f64,
/// }
///
/// impl Machine for Gap {
///     type Input = [f64; 2];
///     type Output = [f64; 1];
///
///     #[inline(always)]
///     fn update(&mut self, [open, close]: [f64; 2]) -> [f64; 1] {
///         let gap = open - self.last_close;
///         self.last_close = close;
///         [gap]
///     }
/// }
///
/// const GAP: IndicatorNode = IndicatorNode {
///     spec: Spec {
///         name: "gap",
///         family: "price",
///         doc: "The gap between this open and the last close, in price units.",
///         formula: "open - close[1]",
///         inputs: Inputs::Bars(&[Field::Open, Field::Close]),
///         parameters: &[],
///         outputs: &["gap"],
///         example: "gap(day) > 0",
///         source: "",
///     },
///     lookback: |_| Ok(1),
///     machine: |_| Ok(Box::new(Gap { last_close: f64::NAN })),
/// };
///
/// let mut registry = Registry::new();
/// registry.add_indicator(GAP)?;
/// let (open, close) = (Column::from(vec![5.0, 7.0]), Column::from(vec![6.0, 8.0]));
/// let columns = (GAP.machine)(&Arguments::default())?.columns(&[open, close]);
/// assert!(columns[0][0].is_nan());
/// assert_eq!(columns[0][1], 1.0);
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
#[derive(Clone, Copy)]
pub struct IndicatorNode {
    /// What it is called, takes and gives.
    pub spec: Spec,
    /// How many bars pass before its first value: the bar with this index is the first that has one.
    pub lookback: fn(&Arguments) -> Result<usize>,
    /// A fresh machine.
    pub machine: fn(&Arguments) -> Result<Box<dyn Indicator>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum and the difference of two inputs.
    #[derive(Clone)]
    struct Pair;

    impl Machine for Pair {
        type Input = [f64; 2];
        type Output = [f64; 2];

        fn update(&mut self, [a, b]: [f64; 2]) -> [f64; 2] {
            [a + b, a - b]
        }
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn a_bar_with_a_gap_is_passed_over_and_what_is_infinite_is_not_known() {
        let a = Column::from(vec![1.0, f64::NAN, f64::INFINITY, f64::MAX]);
        let b = Column::from(vec![2.0, 1.0, 1.0, f64::MAX]);
        let outputs = Pair.columns(&[a, b]);
        assert_eq!(bits(&outputs[0]), bits(&[3.0, f64::NAN, f64::NAN, f64::NAN]));
        assert_eq!(bits(&outputs[1]), bits(&[-1.0, f64::NAN, f64::NAN, 0.0]));
    }

    #[test]
    fn a_wrong_number_of_inputs_or_outputs_gives_nan() {
        let outputs = Pair.columns(&[Column::from(vec![1.0, 2.0])]);
        assert_eq!(outputs.len(), 2);
        assert!(outputs.iter().all(|column| column.len() == 2 && column.iter().all(|value| value.is_nan())));
        for (inputs, length) in [(&[1.0][..], 2), (&[1.0, 2.0], 1), (&[1.0, 2.0, 3.0], 3)] {
            let mut outputs = vec![0.0; length];
            Pair.update_row(inputs, &mut outputs);
            assert!(outputs.iter().all(|value| value.is_nan()));
        }
    }
}

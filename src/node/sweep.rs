//! Whole columns through a function of one bar: the loop that every indicator's column comes from.

use std::array;
use std::mem::ManuallyDrop;
use std::ops::Range;

/// How many bars are taken at a time: so many of a few columns stay in the nearest cache, and what is
/// done once a block, eight bytes beside eight bytes, costs next to nothing a bar.
const BLOCK: usize = 256;

/// Calls `update` with each row of `inputs`, in order, and gives the columns of what it gives, as long
/// as the shortest input; and the state that it left.
///
/// A row with a value that is not finite is passed over: `update` does not see it, and its outputs are
/// NaN. So is an output that is not finite.
#[inline(always)]
pub fn sweep<S, const I: usize, const O: usize>(
    inputs: [&[f64]; I],
    mut state: S,
    update: impl Fn(&mut S, [f64; I]) -> [f64; O] + Copy,
) -> (S, [Vec<f64>; O]) {
    let length = inputs.iter().map(|column| column.len()).min().unwrap_or(0);
    let mut outputs: [Vec<f64>; O] = array::from_fn(|_| Vec::with_capacity(length));
    let mut block = [[f64::NAN; BLOCK]; O];
    for start in (0..length).step_by(BLOCK) {
        let size = BLOCK.min(length - start);
        let rows = inputs.map(|column| &column[start..start + size]);
        let complete = rows.iter().all(|column| surely_finite(column));
        let mut from = 0;
        while from < size {
            let to = if complete { size } else { (from..size).find(|bar| !is_known(&rows, *bar)).unwrap_or(size) };
            state = advance(state, rows, &mut block, from..to, update);
            from = to;
            while from < size && !is_known(&rows, from) {
                block.iter_mut().for_each(|column| column[from] = f64::NAN);
                from += 1;
            }
        }
        for (output, column) in outputs.iter_mut().zip(&mut block) {
            let values = &mut column[..size];
            if !surely_finite(values) {
                values.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = f64::NAN);
            }
            output.extend_from_slice(values);
        }
    }
    (state, outputs)
}

/// The innermost loop. It is a function of its own, owns the state and does not drop it should a bar
/// panic: so nobody else can see the state, and it stays in registers from bar to bar.
#[inline(never)]
fn advance<S, const I: usize, const O: usize>(
    state: S,
    rows: [&[f64]; I],
    block: &mut [[f64; BLOCK]; O],
    bars: Range<usize>,
    update: impl Fn(&mut S, [f64; I]) -> [f64; O],
) -> S {
    let mut state = ManuallyDrop::new(state);
    let rows = rows.map(|column| &column[bars.clone()]);
    let mut block = block.each_mut().map(|column| &mut column[bars.clone()]);
    let length = block.first().map_or(0, |column| column.len());
    for bar in 0..length {
        let values = update(&mut state, rows.map(|column| column[bar]));
        for (column, value) in block.iter_mut().zip(values) {
            column[bar] = value;
        }
    }
    ManuallyDrop::into_inner(state)
}

fn is_known(rows: &[&[f64]], bar: usize) -> bool {
    rows.iter().all(|column| column[bar].is_finite())
}

/// Whether every value is surely finite. A sum of finite values is finite, unless it is too large, and
/// then the values are looked at one by one for nothing; with another value it is not. That takes one
/// addition a value, and several values at a time.
fn surely_finite(values: &[f64]) -> bool {
    let (chunks, rest) = values.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    (sums.iter().sum::<f64>() + rest.iter().sum::<f64>()).is_finite()
}

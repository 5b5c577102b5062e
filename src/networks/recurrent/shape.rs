//! The sizes of an LSTM, and how its work and memory are cut.

use std::ops::Range;

use crate::networks::recurrent::lanes::WIDTH;

/// The sizes of a stack of LSTM layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Features of the input.
    pub inputs: usize,
    /// Units of each layer.
    pub hidden: usize,
    /// How many layers.
    pub layers: usize,
}

/// The sizes of a batch of windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Steps of each window.
    pub steps: usize,
    /// How many windows.
    pub samples: usize,
}

/// Samples of a batch that one task computes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first of them.
    pub first: usize,
    /// How many.
    pub rows: usize,
}

/// At most so many samples are computed together: enough that the weights, which come from the second
/// cache at each step, are used on each arrival, few enough that there is work for every thread.
pub const MOST_SAMPLES: usize = 32;

/// The parts of a batch, nearly alike. They do not depend on the number of threads: gradients are added up
/// part by part.
pub fn parts(samples: usize) -> impl Iterator<Item = Part> {
    let count = samples.div_ceil(MOST_SAMPLES);
    (0..count).map(move |part| {
        let first = part * samples / count;
        Part { first, rows: (part + 1) * samples / count - first }
    })
}

impl Shape {
    /// Units with those that pad them to whole registers. Their weights are zero, so their states and
    /// gradients are too.
    pub fn padded(self) -> usize {
        self.hidden.next_multiple_of(WIDTH)
    }

    /// Inputs of a layer.
    pub fn inputs_of(self, layer: usize) -> usize {
        if layer == 0 { self.inputs } else { self.hidden }
    }

    /// Where a layer's parameters are in the stack's, laid out as PyTorch's and one after the other.
    pub fn parameters_of(self, layer: usize) -> ParameterRanges {
        let before = match layer {
            0 => 0,
            layer => self.layer_size(0) + (layer - 1) * self.layer_size(1),
        };
        let mut next = before;
        let mut take = |count: usize| {
            next += count;
            next - count..next
        };
        let gates = 4 * self.hidden;
        ParameterRanges {
            weight_ih: take(gates * self.inputs_of(layer)),
            weight_hh: take(gates * self.hidden),
            bias_ih: take(gates),
            bias_hh: take(gates),
        }
    }

    /// How many parameters the stack has.
    pub fn parameters(self) -> usize {
        (0..self.layers).map(|layer| self.layer_size(layer)).sum()
    }

    fn layer_size(self, layer: usize) -> usize {
        4 * self.hidden * (self.inputs_of(layer) + self.hidden + 2)
    }
}

/// Where the parameters of one layer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRanges {
    /// `[4 × hidden, inputs]`
    pub weight_ih: Range<usize>,
    /// `[4 × hidden, hidden]`
    pub weight_hh: Range<usize>,
    /// `[4 × hidden]`
    pub bias_ih: Range<usize>,
    /// `[4 × hidden]`
    pub bias_hh: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_batch_once_and_are_nearly_alike() {
        for samples in 1..200 {
            let mut next = 0;
            for part in parts(samples) {
                assert_eq!(part.first, next);
                assert!((1..=MOST_SAMPLES).contains(&part.rows));
                next += part.rows;
            }
            assert_eq!(next, samples);
        }
        assert_eq!(parts(64).map(|part| part.rows).collect::<Vec<_>>(), [32, 32]);
        assert_eq!(parts(70).map(|part| part.rows).collect::<Vec<_>>(), [23, 23, 24]);
    }

    #[test]
    fn parameters_follow_each_other() {
        let shape = Shape { inputs: 3, hidden: 5, layers: 3 };
        let mut next = 0;
        for layer in 0..3 {
            let ranges = shape.parameters_of(layer);
            for range in [ranges.weight_ih, ranges.weight_hh, ranges.bias_ih, ranges.bias_hh] {
                assert_eq!(range.start, next);
                next = range.end;
            }
        }
        assert_eq!(next, shape.parameters());
        assert_eq!(next, 20 * (3 + 5 + 2) + 2 * 20 * (5 + 5 + 2));
    }
}

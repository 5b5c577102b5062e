//! A forest as tensors: so many rounds of full binary trees of one depth.

use burn_core::tensor::Device;

use crate::error::{Diagnostic, Result};
use crate::networks::architecture::ParameterShape;
use crate::networks::state_dict::{StateDict, values};

/// Where a tree divides samples: those whose value is larger go right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// Which value of a row is compared.
    pub feature: usize,
    /// The largest that goes left; infinite where the node does not divide.
    pub threshold: f32,
}

impl Split {
    /// No split: all go left.
    pub const NONE: Self = Self { feature: 0, threshold: f32::INFINITY };
}

/// A full binary tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The inner nodes, level after level: those below node `n` are `2 n + 1` on the left and `2 n + 2` on the right.
    pub splits: Vec<Split>,
    /// What each leaf adds to a forecast, from left to right: one more than there are splits.
    pub leaves: Vec<f32>,
}

impl Tree {
    /// A tree that divides nothing and adds nothing.
    pub fn idle(depth: usize) -> Self {
        Self { splits: vec![Split::NONE; (1 << depth) - 1], leaves: vec![0.0; 1 << depth] }
    }

    /// The leaf that a row falls into.
    pub fn leaf(&self, row: &[f32]) -> usize {
        let mut node = 0;
        while let Some(split) = self.splits.get(node) {
            node = 2 * node + 1 + usize::from(row[split.feature] > split.threshold);
        }
        node - self.splits.len()
    }

    /// What it adds to the forecast of a row.
    pub fn forecast(&self, row: &[f32]) -> f32 {
        self.leaves[self.leaf(row)]
    }
}

/// Trees in rounds: one a round for each output.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    /// The levels of each tree.
    pub depth: usize,
    /// How many numbers the forest gives.
    pub outputs: usize,
    /// The trees, round after round, within it the outputs in order.
    pub trees: Vec<Tree>,
}

const FEATURE: &str = "trees.feature";
const THRESHOLD: &str = "trees.threshold";
const LEAF: &str = "trees.leaf";

impl Forest {
    /// Its tensors, for so many rounds: a row a tree. At first no tree divides or adds anything.
    pub fn parameters(rounds: usize, depth: usize, outputs: usize) -> [ParameterShape; 3] {
        let rows = rounds * outputs;
        [
            ParameterShape::constant(FEATURE, &[rows, (1 << depth) - 1], 0.0),
            ParameterShape::constant(THRESHOLD, &[rows, (1 << depth) - 1], Split::NONE.threshold),
            ParameterShape::constant(LEAF, &[rows, 1 << depth], 0.0),
        ]
    }

    /// The forest whose tensors stand below `prefix`, as many rounds as they have room for.
    ///
    /// # Errors
    /// Where one is missing, or is not of this depth.
    pub fn read(state: &StateDict, prefix: &str, depth: usize, outputs: usize) -> Result<Self> {
        let read = |name: &str| values(state.flat(&format!("{prefix}.{name}"))?);
        let (features, thresholds, leaves) = (read(FEATURE)?, read(THRESHOLD)?, read(LEAF)?);
        let (inner, outer) = ((1 << depth) - 1, 1 << depth);
        let rows = leaves.len() / outer;
        if [features.len(), thresholds.len()] != [rows * inner; 2] || leaves.len() != rows * outer {
            return Err(Diagnostic::new(format!("the tensors below `{prefix}.trees` are not those of depth {depth}")));
        }
        let split = |(feature, threshold): (&f32, &f32)| Split { feature: *feature as usize, threshold: *threshold };
        let splits: Vec<Split> = features.iter().zip(&thresholds).map(split).collect();
        let tree = |(splits, leaves): (&[Split], &[f32])| Tree { splits: splits.into(), leaves: leaves.into() };
        Ok(Self { depth, outputs, trees: splits.chunks(inner).zip(leaves.chunks(outer)).map(tree).collect() })
    }

    /// Puts it below `prefix` in tensors for so many rounds; those that it has not are idle.
    ///
    /// # Errors
    /// Where it has more.
    pub fn write(&self, state: &mut StateDict, prefix: &str, rounds: usize, device: &Device) -> Result<()> {
        let rows = rounds * self.outputs;
        let idle = Tree::idle(self.depth);
        let trees = || self.trees.iter().chain(std::iter::repeat(&idle)).take(rows.max(self.trees.len()));
        let splits = |number: &dyn Fn(&Split) -> f32| trees().flat_map(|tree| tree.splits.iter().map(number)).collect();
        let leaves = trees().flat_map(|tree| tree.leaves.iter().copied()).collect();
        let columns: [(&str, Vec<f32>, usize); 3] = [
            (FEATURE, splits(&|split| split.feature as f32), idle.splits.len()),
            (THRESHOLD, splits(&|split| split.threshold), idle.splits.len()),
            (LEAF, leaves, idle.leaves.len()),
        ];
        for (name, values, width) in columns {
            state.insert(&format!("{prefix}.{name}"), &[rows, width], values, device)?;
        }
        Ok(())
    }

    /// The same without the trees at its end that add nothing.
    #[must_use]
    pub fn without_idle(mut self) -> Self {
        let adds = |tree: &Tree| tree.leaves.iter().any(|leaf| *leaf != 0.0);
        let used = self.trees.iter().rposition(adds).map_or(0, |last| last + 1);
        self.trees.truncate(used.next_multiple_of(self.outputs));
        self
    }

    /// How many values a row must have.
    pub fn width(&self) -> usize {
        let splits = self.trees.iter().flat_map(|tree| &tree.splits);
        splits.map(|split| split.feature + 1).max().unwrap_or(0)
    }

    /// Adds to `sums`, one number an output, what the trees say of a row, in the order in which they were grown.
    pub fn add(&self, row: &[f32], sums: &mut [f64]) {
        for round in self.trees.chunks(self.outputs) {
            for (sum, tree) in sums.iter_mut().zip(round) {
                *sum += f64::from(tree.forecast(row));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forest() -> Forest {
        let split = |feature, threshold| Split { feature, threshold };
        let first = Tree { splits: vec![split(1, 0.5), split(0, -1.0), Split::NONE], leaves: vec![1.0, 2.0, 4.0, 8.0] };
        Forest { depth: 2, outputs: 1, trees: vec![first, Tree::idle(2)] }
    }

    #[test]
    fn a_row_falls_by_its_values() {
        let tree = &forest().trees[0];
        // At most the threshold goes left.
        assert_eq!(tree.forecast(&[-1.0, 0.5]), 1.0);
        assert_eq!(tree.forecast(&[-0.9, 0.5]), 2.0);
        assert_eq!(tree.forecast(&[-0.9, 0.6]), 4.0);
        assert_eq!(tree.forecast(&[9.0, f32::INFINITY]), 4.0);
    }

    #[test]
    fn what_is_written_is_read_back_and_idle_rounds_are_left_out() {
        let (device, mut state) = (Device::flex(), StateDict::default());
        forest().write(&mut state, "day", 5, &device).unwrap();
        let shapes: Vec<_> = state.shapes().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
        let expected: Vec<_> = Forest::parameters(5, 2, 1).map(|p| (format!("day.{}", p.name), p.shape)).into();
        assert!(expected.iter().all(|parameter| shapes.contains(parameter)), "{shapes:?}");
        let read = Forest::read(&state, "day", 2, 1).unwrap();
        assert_eq!((read.trees.len(), &read.trees[..2]), (5, &forest().trees[..]));
        let used = read.without_idle();
        assert_eq!((used.trees.len(), used.width()), (1, 2));
        let mut sums = [0.25];
        used.add(&[0.0, 0.0], &mut sums);
        assert_eq!(sums, [2.25]);
        assert!(Forest::read(&state, "day", 3, 1).is_err() && Forest::read(&state, "week", 2, 1).is_err());
        assert!(forest().write(&mut state, "day", 1, &device).is_err());
    }
}

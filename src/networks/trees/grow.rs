//! One tree, grown level by level where a second-order picture of the loss falls most.

use rayon::prelude::*;

use crate::networks::trees::bins::{BinnedColumn, Bins, halfway};
use crate::networks::trees::fixed_point::FixedPoint;
use crate::networks::trees::forest::{Split, Tree};

/// How trees are grown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boosting {
    /// At most so many rounds, each of a tree an output.
    pub rounds: usize,
    /// The levels of each tree: at most 2 to this power leaves.
    pub depth: usize,
    /// The share of each tree's step that is taken.
    pub shrinkage: f64,
    /// The least sum of curvatures on either side of a split; of squared errors the number of samples, weighed.
    pub min_child_weight: f64,
    /// Added to the sum of curvatures of a leaf: draws its value to zero.
    pub l2: f64,
    /// The share of the samples that each round is grown on.
    pub subsample: f64,
}

/// How the loss of one sample changes with its forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Derivative {
    /// Its slope, `g`.
    pub slope: f64,
    /// Its curvature, or a bound on it, `h`; not below zero.
    pub curvature: f64,
}

/// A tree, and the leaf that each sample fell into.
#[derive(Clone, Debug, PartialEq)]
pub struct Grown {
    /// The tree.
    pub tree: Tree,
    /// A leaf a sample.
    pub leaf: Vec<u32>,
}

/// A gain of less than this share of what it is the difference of is rounding.
const ROUNDING: f64 = 1e-12;

/// Grows a tree on samples by the slope and curvature of each. With `G` and `H` as their sums over a node, a split gains
/// `(G_l² / (H_l + l2) + G_r² / (H_r + l2) - G² / (H + l2)) / 2`, and a leaf is worth `-G / (H + l2)` (Chen & Guestrin 2016,
/// equations 7 and 5), times `shrinkage`. Each node takes the split that gains most; of several the first feature's lowest.
///
/// The work is the number of samples times columns times levels; the columns are shared out among the threads.
pub fn grow(bins: &Bins<'_>, derivatives: &[Derivative], boosting: &Boosting) -> Grown {
    let sums = Sums::new(derivatives, boosting);
    let mut tree = Tree::idle(boosting.depth);
    // Where in its level the node of each sample stands.
    let mut places = vec![0_u32; bins.rows.len()];
    for level in 0..boosting.depth {
        let nodes = sums.of(&places, 1 << level);
        let best = |column: &BinnedColumn| sums.best_cuts(column, &places, &nodes);
        let by_column: Vec<Vec<Option<Cut>>> = bins.columns.par_iter().map(best).collect();
        let chosen: Vec<Option<(usize, Cut)>> = (0..nodes.len()).map(|node| first_best(&by_column, node)).collect();
        // The largest value that goes left in each node, and the smallest that goes right.
        let mut neighbours = vec![[f32::NEG_INFINITY, f32::INFINITY]; nodes.len()];
        for (sample, place) in places.iter_mut().enumerate() {
            let node = *place as usize;
            *place *= 2;
            let Some((column, cut)) = chosen[node] else { continue };
            let value = bins.rows[sample][column];
            if usize::from(bins.columns[column].bins[sample]) > cut.place {
                *place += 1;
                neighbours[node][1] = value.min(neighbours[node][1]);
            } else {
                neighbours[node][0] = value.max(neighbours[node][0]);
            }
        }
        for (node, [left, right]) in neighbours.into_iter().enumerate() {
            if let Some((feature, _)) = chosen[node] {
                tree.splits[nodes.len() - 1 + node] = Split { feature, threshold: halfway(left, right) };
            }
        }
    }
    let leaves = sums.of(&places, tree.leaves.len());
    tree.leaves = leaves.into_iter().map(|node| (boosting.shrinkage * sums.step(node)) as f32).collect();
    Grown { tree, leaf: places }
}

/// The cut of a column that gains most in a node.
#[derive(Clone, Copy, Debug)]
struct Cut {
    place: usize,
    gain: f64,
}

fn first_best(by_column: &[Vec<Option<Cut>>], node: usize) -> Option<(usize, Cut)> {
    let cuts = by_column.iter().enumerate().filter_map(|(column, cuts)| Some((column, cuts[node]?)));
    cuts.reduce(|best, other| if other.1.gain > best.1.gain { other } else { best })
}

/// `G` and `H` of a set of samples, in fixed point.
type Sum = [i64; 2];

/// The derivatives of all samples, ready to be summed.
struct Sums {
    each: Vec<Sum>,
    slopes: FixedPoint,
    curvatures: FixedPoint,
    l2: f64,
    least: f64,
}

impl Sums {
    fn new(derivatives: &[Derivative], boosting: &Boosting) -> Self {
        let fixed =
            |number: &dyn Fn(&Derivative) -> f64| FixedPoint::new(&derivatives.iter().map(number).collect::<Vec<_>>());
        let (slopes, curvatures) = (fixed(&|each| each.slope), fixed(&|each| each.curvature));
        let each = slopes.values.iter().zip(&curvatures.values).map(|(slope, curvature)| [*slope, *curvature]);
        Self { each: each.collect(), slopes, curvatures, l2: boosting.l2, least: boosting.min_child_weight }
    }

    /// The sums of the nodes of a level.
    fn of(&self, places: &[u32], nodes: usize) -> Vec<Sum> {
        let mut sums = vec![[0; 2]; nodes];
        for (place, each) in places.iter().zip(&self.each) {
            add(&mut sums[*place as usize], each);
        }
        sums
    }

    /// For each node of a level the best cut of one column, where one gains anything.
    fn best_cuts(&self, column: &BinnedColumn, places: &[u32], nodes: &[Sum]) -> Vec<Option<Cut>> {
        let bins = column.cuts.len() + 1;
        if bins == 1 {
            return vec![None; nodes.len()];
        }
        let mut histogram: Vec<Sum> = vec![[0; 2]; nodes.len() * bins];
        for ((place, bin), each) in places.iter().zip(&column.bins).zip(&self.each) {
            add(&mut histogram[*place as usize * bins + usize::from(*bin)], each);
        }
        let best = |(node, bins): (&Sum, &[Sum])| {
            let mut left = [0; 2];
            let mut best: Option<Cut> = None;
            for (place, bin) in bins[..bins.len() - 1].iter().enumerate() {
                add(&mut left, bin);
                if let Some(gain) = self.gain(left, *node).filter(|gain| best.is_none_or(|best| *gain > best.gain)) {
                    best = Some(Cut { place, gain });
                }
            }
            best
        };
        nodes.iter().zip(histogram.chunks(bins)).map(best).collect()
    }

    /// What a split of a node gains, whose left side has these sums; none where a side is too small, and where nothing is gained.
    fn gain(&self, left: Sum, node: Sum) -> Option<f64> {
        let right = [node[0] - left[0], node[1] - left[1]];
        let large = |side: Sum| side[1] > 0 && self.curvatures.number(side[1]) >= self.least;
        if !large(left) || !large(right) {
            return None;
        }
        let score = |side: Sum| self.slopes.number(side[0]).powi(2) / (self.curvatures.number(side[1]) + self.l2);
        let divided = score(left) + score(right);
        let gain = 0.5 * (divided - score(node));
        (gain > ROUNDING * divided).then_some(gain)
    }

    /// The step of a leaf with these sums to the lowest point of the loss as it is pictured.
    fn step(&self, [slope, curvature]: Sum) -> f64 {
        let curvature = self.curvatures.number(curvature) + self.l2;
        if curvature > 0.0 { -self.slopes.number(slope) / curvature } else { 0.0 }
    }
}

fn add(sum: &mut Sum, each: &Sum) {
    sum[0] += each[0];
    sum[1] += each[1];
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boosting(depth: usize) -> Boosting {
        Boosting { rounds: 1, depth, shrinkage: 1.0, min_child_weight: 0.0, l2: 0.0, subsample: 1.0 }
    }

    /// A tree on the squared errors of a forecast of zero.
    fn fitted(rows: &[&[f32]], target: &[f64], weights: &[f64], boosting: &Boosting) -> Grown {
        let derivative = |(target, weight): (&f64, &f64)| Derivative { slope: -weight * target, curvature: *weight };
        let derivatives: Vec<Derivative> = target.iter().zip(weights).map(derivative).collect();
        grow(&Bins::new(rows.to_vec()), &derivatives, boosting)
    }

    const ROWS: [&[f32]; 4] = [&[1.0], &[2.0], &[3.0], &[4.0]];

    #[test]
    fn a_tree_by_hand() {
        // Slopes are less the target: G = -4, H = 4. With l2 = 1, from the paper's equation 7:
        //   below 1.5: (0/2 + 16/4 - 16/5) / 2 = 0.4
        //   below 2.5: (0/3 + 16/3 - 16/5) / 2 = 1.067, the largest
        //   below 3.5: (1/4 +  9/2 - 16/5) / 2 = 0.775
        // and from its equation 5 the leaves 0/3 and 4/3, of which half is taken. Of the right one a split would gain
        // (1/2 + 9/2 - 16/3) / 2 < 0, of the left one nothing.
        let target = [0.0, 0.0, 1.0, 3.0];
        let drawn = Boosting { shrinkage: 0.5, l2: 1.0, ..boosting(2) };
        let Grown { tree, leaf } = fitted(&ROWS, &target, &[1.0; 4], &drawn);
        assert_eq!(tree.splits, [Split { feature: 0, threshold: 2.5 }, Split::NONE, Split::NONE]);
        assert_eq!((tree.leaves, leaf), (vec![0.0, 0.0, 2.0 / 3.0, 0.0], vec![0, 0, 2, 2]));
        // Without l2 the one that is off goes first, which gains (1/3 + 9/1 - 16/4) / 2 = 2.67; then (0/2 + 1/1 - 1/3) / 2.
        let Grown { tree, .. } = fitted(&ROWS, &target, &[1.0; 4], &boosting(2));
        assert_eq!([tree.splits[0].threshold, tree.splits[1].threshold], [3.5, 2.5]);
        assert_eq!(tree.leaves, [0.0, 1.0, 3.0, 0.0]);
        // Sides of at least two samples allow the first split alone, of three none: the mean is left.
        let Grown { tree, .. } = fitted(&ROWS, &target, &[1.0; 4], &Boosting { min_child_weight: 2.0, ..boosting(2) });
        assert_eq!(tree.leaves, [0.0, 0.0, 2.0, 0.0]);
        let Grown { tree, .. } = fitted(&ROWS, &target, &[1.0; 4], &Boosting { min_child_weight: 3.0, ..boosting(2) });
        assert_eq!((tree.splits, tree.leaves), (vec![Split::NONE; 3], vec![1.0, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn samples_count_by_their_weight() {
        // Weights 1, 0, 3 are as the samples 0, 2, 2, 2; what counts nothing does not move a leaf.
        let rows: [&[f32]; 3] = [&[1.0], &[1.0], &[1.0]];
        let Grown { tree, .. } = fitted(&rows, &[0.0, 99.0, 2.0], &[1.0, 0.0, 3.0], &boosting(1));
        assert_eq!(tree.leaves, [1.5, 0.0]);
        let Grown { tree, .. } = fitted(&rows, &[1.0; 3], &[0.0; 3], &boosting(1));
        assert_eq!(tree.leaves, [0.0, 0.0]);
    }

    #[test]
    fn where_nothing_is_to_be_gained_nothing_is_split() {
        for target in [[0.7; 4], [0.0; 4]] {
            let Grown { tree, .. } = fitted(&ROWS, &target, &[0.3, 1.0, 0.7, 2.0], &boosting(3));
            assert!(tree.splits.iter().all(|split| *split == Split::NONE), "{tree:?}");
            assert!((f64::from(tree.leaves[0]) - target[0]).abs() < 1e-6);
        }
        let alone = fitted(&ROWS[..1], &[2.0], &[1.0], &boosting(2)).tree;
        assert_eq!(alone.leaves, [2.0, 0.0, 0.0, 0.0]);
        let even: [&[f32]; 3] = [&[5.0, 1.0], &[5.0, 1.0], &[5.0, 1.0]];
        assert_eq!(fitted(&even, &[1.0, 2.0, 3.0], &[1.0; 3], &boosting(1)).tree.leaves, [2.0, 0.0]);
    }

    proptest! {
        #[test]
        fn the_first_split_is_the_best_of_all(
            values in proptest::collection::vec((-4..4_i32).prop_map(|v| v as f32 / 2.0), 60),
            target in proptest::collection::vec(-1.0..1.0_f64, 20),
            weights in proptest::collection::vec(0.2..2.0_f64, 20),
            l2 in 0.0..3.0_f64,
            least in 0.0..4.0_f64,
        ) {
            let rows: Vec<&[f32]> = values.chunks(3).collect();
            let settings = Boosting { l2, min_child_weight: least, ..boosting(1) };
            let Grown { tree, leaf } = fitted(&rows, &target, &weights, &settings);
            // The slow version: every feature at every value.
            let score = |side: &[usize]| {
                let sum = |of: &dyn Fn(usize) -> f64| side.iter().map(|sample| of(*sample)).sum::<f64>();
                (sum(&|s| weights[s] * target[s]).powi(2) / (sum(&|s| weights[s]) + l2), sum(&|s| weights[s]))
            };
            let gain = |goes_left: &dyn Fn(usize) -> bool| {
                let (left, right): (Vec<usize>, Vec<usize>) = (0..20).partition(|sample| goes_left(*sample));
                let ((left, l), (right, r)) = (score(&left), score(&right));
                let all = score(&(0..20).collect::<Vec<_>>()).0;
                if l.min(r) < least.max(1e-9) { f64::NEG_INFINITY } else { 0.5 * (left + right - all) }
            };
            let cuts = (0..3).flat_map(|feature| rows.iter().map(move |row| (feature, row[feature])));
            let best = cuts.map(|(feature, cut)| gain(&|s| rows[s][feature] <= cut)).fold(0.0, f64::max);
            if tree.splits[0] == Split::NONE {
                prop_assert!(best < 1e-9, "{best} was to be gained");
            } else {
                let ours = gain(&|sample| leaf[sample] == 0);
                prop_assert!((ours - best).abs() < 1e-9, "{ours} is not {best}");
            }
        }

        #[test]
        fn the_order_of_samples_and_the_threads_change_no_bit(
            values in proptest::collection::vec(-1.0..1.0_f32, 900),
            target in proptest::collection::vec(-1.0..1.0_f64, 300),
            turn in 1..299_usize,
        ) {
            let rows: Vec<&[f32]> = values.chunks(3).collect();
            let settings = Boosting { min_child_weight: 5.0, l2: 1.0, ..boosting(4) };
            let first = fitted(&rows, &target, &[1.0; 300], &settings);
            let (mut turned_rows, mut turned) = (rows.clone(), target.clone());
            turned_rows.rotate_left(turn);
            turned.rotate_left(turn);
            let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            let second = single.install(|| fitted(&turned_rows, &turned, &[1.0; 300], &settings));
            prop_assert_eq!(&first.tree, &second.tree);
            // Each sample falls where it was grown.
            for (row, leaf) in rows.iter().zip(&first.leaf) {
                prop_assert_eq!(first.tree.leaf(row), *leaf as usize);
            }
        }
    }
}

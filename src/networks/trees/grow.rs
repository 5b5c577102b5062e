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

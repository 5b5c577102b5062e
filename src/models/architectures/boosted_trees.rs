//! `boosted_trees`: decision trees on the whole window, each fitted to what those before it left.

use std::sync::Arc;

use burn_core::tensor::Tensor;

use crate::error::{Diagnostic, Result};
use crate::models::architectures::{flat, forecaster};
use crate::models::declared_loss::loss;
use crate::models::shared::{SHARED, with_shared};
use crate::networks::{
    Architecture, Boosting, Dropout, Fitting, Forest, Networks, ParameterShape, StateDict, Window, matrix, values,
};
use crate::node::{Inputs, ModelNode, Parameter, Spec};

/// The node.
pub const NODE: ModelNode = forecaster(SPEC, |arguments| {
    let boosting = Boosting {
        rounds: arguments.length("rounds")?,
        depth: arguments.length("depth")?,
        shrinkage: arguments.number("shrinkage")?,
        min_child_weight: arguments.number("min_child_weight")?,
        l2: arguments.number("l2")?,
        subsample: arguments.number("subsample")?,
    };
    let outputs = loss(arguments, arguments.label("target")?)?.outputs();
    Ok(Arc::new(BoostedTrees { boosting, outputs }))
});

const OWN: [Parameter; 6] = [
    Parameter::integer("rounds", 200, 1, 5_000, "at most so many trees; with classes, so many for each"),
    Parameter::integer(
        "depth",
        3,
        1,
        8,
        "levels of each tree: at most 2 to this power leaves, so many features in one rule",
    ),
    Parameter::number(
        "shrinkage",
        0.1,
        1e-4,
        1.0,
        "share of each tree that is added (XGBoost's eta); less takes more rounds",
    ),
    Parameter::number(
        "min_child_weight",
        20.0,
        0.0,
        1e9,
        "least sum of the loss's curvature on each side of a split: the number of samples, but for cross-entropy",
    ),
    Parameter::number("l2", 1.0, 0.0, 1e9, "added to the curvature of each leaf: draws what few samples say to zero"),
    Parameter::number("subsample", 1.0, 0.01, 1.0, "share of the training samples, chosen anew, that each round sees"),
];
const PARAMETERS: [Parameter; OWN.len() + SHARED.len()] = with_shared(&OWN);

const SPEC: Spec = Spec {
    name: "boosted_trees",
    family: "model",
    doc: "Gradient-boosted decision trees a group of features, on all steps of the window side by side.",
    formula: "forecast = c + Σ trees, with c as the best constant. Each tree is grown by the slope g and the curvature h of \
              the loss at each training sample, weighed: with their sums G and H over a leaf, its value is \
              -shrinkage G / (H + l2), and a split gains (G_l² / (H_l + l2) + G_r² / (H_r + l2) - G² / (H + l2)) / 2. For \
              \"mse\" g = f - y and h = 1; \"huber\" limits g to `huber_delta`; for \"cross_entropy\" there is a tree a class, \
              g = P - [y is the class] and h = 2 P (1 - P); for \"quantile\" a leaf is `shrinkage` times that quantile of what is \
              left in it. A threshold lies halfway between the values that it parts; a column of more than 256 values is \
              split only where a 256th of the samples ends. `patience` counts rounds, and an epoch of the loss history is \
              one. `epochs`, `batch`, `learning_rate` and what else descent takes are for the network of a `dynamic_weight` \
              alone.",
    inputs: Inputs::None,
    parameters: &PARAMETERS,
    outputs: &[],
    example: "boosted_trees(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5), lookback: 5 })",
    source: "Friedman (2001); Chen & Guestrin (2016), equations 5 to 7",
};

/// Boosted trees on the flat window.
#[derive(Clone, Debug)]
pub struct BoostedTrees {
    /// How they are grown.
    pub boosting: Boosting,
    /// How many numbers the loss is one of: 1, or the classes of the target.
    pub outputs: usize,
}

impl Architecture for BoostedTrees {
    fn units(&self, _: Window) -> usize {
        self.outputs
    }

    fn parameters(&self, _: Window) -> Vec<ParameterShape> {
        Forest::parameters(self.boosting.rounds, self.boosting.depth, self.outputs).into()
    }

    fn networks(&self, state: &StateDict, prefixes: &[&str]) -> Result<Box<dyn Networks>> {
        let forest = |prefix: &&str| Forest::read(state, prefix, self.boosting.depth, self.outputs);
        let forests = prefixes.iter().map(|prefix| Ok(forest(prefix)?.without_idle()));
        Ok(Box::new(Forests(forests.collect::<Result<_>>()?)))
    }

    fn fitting(&self) -> Fitting {
        Fitting::Boosting(self.boosting)
    }
}

/// The trees of each group.
#[derive(Debug)]
struct Forests(Vec<Forest>);

impl Networks for Forests {
    fn forward(&self, windows: &[(usize, &Tensor<3>)], _: &mut Dropout) -> Result<Vec<Tensor<2>>> {
        let forward = |(network, window): &(usize, &Tensor<3>)| {
            let forest = &self.0[*network];
            let [steps, samples, features] = window.dims();
            if forest.width() > steps * features {
                return Err(Diagnostic::new(format!(
                    "the trees read value {} of a window that has {}",
                    forest.width(),
                    steps * features
                )));
            }
            let mut sums = vec![0.0; samples * forest.outputs];
            let rows = values(flat(window))?;
            for (row, sums) in rows.chunks(steps * features).zip(sums.chunks_mut(forest.outputs)) {
                forest.add(row, sums);
            }
            let units = sums.into_iter().map(|sum| sum as f32).collect();
            Ok(matrix(units, [samples, forest.outputs], &window.device()))
        };
        windows.iter().map(forward).collect()
    }
}

//! Gradient boosting: rounds of trees, each fitted to what those before it left, until validation no longer gains.

use burn_core::tensor::Device;

use crate::error::{Diagnostic, Result};
use crate::models::samples::columns::Sample;
use crate::models::training::derivatives::weighed_quantile;
use crate::models::training::descent::{Phase, Step};
use crate::models::training::fitting::{EVALUATION_BATCH, Fitting};
use crate::models::training::loss::Loss;
use crate::models::training::progress::Epoch;
use crate::models::training::running::Running;
use crate::models::training::session::Session;
use crate::networks::{
    Bins, Boosting, Derivative, Forest, Grown, Purpose, Random, StateDict, grow, matrix, scalar, values,
};

/// A group's trees while they are grown.
struct Booster<'a> {
    loss: Loss,
    boosting: Boosting,
    /// What the head adds: the best constants.
    constants: Vec<f32>,
    forest: Forest,
    bins: Bins<'a>,
    train: Side<'a>,
    validation: Side<'a>,
}

/// The samples of one range, with what the trees say of them so far.
struct Side<'a> {
    rows: Vec<&'a [f32]>,
    targets: Vec<f32>,
    weights: Option<Vec<f32>>,
    /// An output a class, sample after sample, without the constants.
    sums: Vec<f64>,
}

impl<'a> Phase<'a> {
    /// Goes on growing the trees of a group, and gives the best number of rounds that validation saw.
    pub(super) fn boost(
        &self,
        group: usize,
        boosting: Boosting,
        mut running: Running,
        history: &mut Vec<Epoch>,
        session: &mut Session<'_>,
    ) -> Result<StateDict> {
        let device = &self.fitting.device;
        let mut booster = self.booster(group, boosting, &mut running)?;
        self.until_best(running, history, session, boosting.rounds, &mut |running| {
            let seed = self.fitting.configuration.seed;
            let mut random = Random::of_epoch(seed, Purpose::Shuffling, self.number, running.epoch);
            booster.round(&mut random)?;
            booster.forest.write(&mut running.state, self.name, boosting.rounds, device)?;
            let [train_loss, validation_loss] = booster.losses(device)?;
            self.check(train_loss, running.epoch, None)?;
            Ok(Step { learning_rate: boosting.shrinkage, train_loss, validation_loss })
        })
    }

    /// What a group begins with, or goes on from.
    fn booster(&self, group: usize, boosting: Boosting, running: &mut Running) -> Result<Booster<'a>> {
        let Fitting { configuration, fold, device, .. } = self.fitting;
        let (loss, outputs) = (configuration.loss, configuration.loss.outputs());
        let mut forest = Forest::read(&running.state, self.name, boosting.depth, outputs)?;
        forest.trees.truncate(running.epoch * outputs);
        let side = |samples: &[Sample]| {
            let inputs = &self.fitting.inputs;
            let rows = samples.iter().map(|sample| inputs.window(group, *sample)).collect();
            let targets = samples.iter().map(|sample| inputs.target(*sample)).collect();
            Side::new(rows, targets, samples.iter().map(|sample| inputs.weight(*sample)).collect(), &forest)
        };
        let (train, validation) = (side(&fold.train), side(&fold.validation));
        let (weight, bias) = (format!("{}.head.weight", self.name), format!("{}.head.bias", self.name));
        if running.epoch == 0 {
            // The head hands on what the trees say, and adds the best constants.
            let diagonal = (0..outputs * outputs).map(|place| if place % (outputs + 1) == 0 { 1.0 } else { 0.0 });
            running.state.insert(&weight, &[outputs, outputs], diagonal.collect(), device)?;
            running.state.insert(&bias, &[outputs], train.constants(loss), device)?;
        }
        let constants = values(running.state.flat(&bias)?)?;
        Ok(Booster { loss, boosting, constants, forest, bins: Bins::new(train.rows.clone()), train, validation })
    }
}

impl Booster<'_> {
    /// Grows a tree for each output.
    fn round(&mut self, random: &mut Random) -> Result<()> {
        let outputs = self.forest.outputs;
        let samples = self.train.rows.len();
        // A sample that the round does not see counts nothing in it.
        let seen = |sample| if random.uniform() < self.boosting.subsample { self.train.weight(sample) } else { 0.0 };
        let weights: Vec<f64> = (0..samples).map(seen).collect();
        let said: Vec<f64> = (0..samples).flat_map(|sample| self.train.outputs(sample, &self.constants)).collect();
        let mut trees = Vec::with_capacity(outputs);
        for output in 0..outputs {
            let derivative = |(sample, weight): (usize, &f64)| {
                let said = &said[sample * outputs..(sample + 1) * outputs];
                let Derivative { slope, curvature } =
                    self.loss.derivative(said, output, f64::from(self.train.targets[sample]))?;
                Some(Derivative { slope: weight * slope, curvature: weight * curvature })
            };
            let derivatives: Option<Vec<Derivative>> = weights.iter().enumerate().map(derivative).collect();
            let derivatives = derivatives.ok_or_else(|| {
                Diagnostic::new(format!(
                    "no tree can be grown by the loss \"{}\": it is no sum over samples",
                    self.loss
                ))
            })?;
            let mut grown = grow(&self.bins, &derivatives, &self.boosting);
            if let Loss::Quantile { quantile } = self.loss {
                self.lower_to(quantile, &mut grown, &said, &weights);
            }
            trees.push(grown);
        }
        for (output, Grown { tree, leaf }) in trees.into_iter().enumerate() {
            for (sample, leaf) in leaf.iter().enumerate() {
                self.train.sums[sample * outputs + output] += f64::from(tree.leaves[*leaf as usize]);
            }
            for (sample, row) in self.validation.rows.iter().enumerate() {
                self.validation.sums[sample * outputs + output] += f64::from(tree.forecast(row));
            }
            self.forest.trees.push(tree);
        }
        Ok(())
    }

    /// Gives each leaf the quantile of what is left in it: a quantile's loss has no curvature to make a step by (Friedman 2001,
    /// algorithm 3, for the median).
    fn lower_to(&self, quantile: f64, grown: &mut Grown, said: &[f64], weights: &[f64]) {
        let mut left: Vec<Vec<(f64, f64)>> = vec![Vec::new(); grown.tree.leaves.len()];
        for (sample, leaf) in grown.leaf.iter().enumerate().filter(|(sample, _)| weights[*sample] > 0.0) {
            left[*leaf as usize].push((f64::from(self.train.targets[sample]) - said[sample], weights[sample]));
        }
        for (value, left) in grown.tree.leaves.iter_mut().zip(left) {
            *value = (self.boosting.shrinkage * weighed_quantile(left, quantile)) as f32;
        }
    }

    /// The losses on the training and on the validation range.
    fn losses(&self, device: &Device) -> Result<[f64; 2]> {
        let loss = |side: &Side<'_>| side.loss(self.loss, &self.constants, device);
        Ok([loss(&self.train)?, loss(&self.validation)?])
    }
}

impl<'a> Side<'a> {
    fn new(rows: Vec<&'a [f32]>, targets: Vec<f32>, weights: Option<Vec<f32>>, forest: &Forest) -> Self {
        let mut sums = vec![0.0; rows.len() * forest.outputs];
        rows.iter().zip(sums.chunks_mut(forest.outputs)).for_each(|(row, sums)| forest.add(row, sums));
        Self { rows, targets, weights, sums }
    }

    /// The outputs with the lowest loss before there is a tree.
    fn constants(&self, loss: Loss) -> Vec<f32> {
        let targets: Vec<f64> = self.targets.iter().copied().map(f64::from).collect();
        let weights: Vec<f64> = (0..targets.len()).map(|sample| self.weight(sample)).collect();
        loss.constants(&targets, &weights).into_iter().map(|constant| constant as f32).collect()
    }

    fn weight(&self, sample: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| f64::from(weights[sample]))
    }

    /// What the model says of a sample.
    fn outputs(&self, sample: usize, constants: &[f32]) -> impl Iterator<Item = f64> {
        let sums = &self.sums[sample * constants.len()..(sample + 1) * constants.len()];
        sums.iter().zip(constants).map(|(sum, constant)| sum + f64::from(*constant))
    }

    /// The mean loss, to the bits of a forecaster with the same trees.
    fn loss(&self, loss: Loss, constants: &[f32], device: &Device) -> Result<f64> {
        let (mut sum, outputs) = (0.0, constants.len());
        let column = |numbers: &[f32]| matrix(numbers.to_vec(), [numbers.len(), 1], device);
        let chunks = self.sums.chunks(EVALUATION_BATCH * outputs).zip(self.targets.chunks(EVALUATION_BATCH));
        for (index, (sums, targets)) in chunks.enumerate() {
            let said = sums.iter().zip(constants.iter().cycle()).map(|(sum, constant)| *sum as f32 + constant);
            let said = loss.read(matrix(said.collect(), [targets.len(), outputs], device));
            let from = index * EVALUATION_BATCH;
            let weights = self.weights.as_ref().map(|weights| column(&weights[from..from + targets.len()]));
            sum += scalar(loss.of(said, &column(targets), weights.as_ref()))? * targets.len() as f64;
        }
        Ok(sum / self.targets.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// What other people's engines forecast: made by `benches/peers/boosted_trees.py`.
    #[derive(Deserialize)]
    struct Golden {
        x: Vec<Vec<f32>>,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        loss: Loss,
        settings: Settings,
        target: Vec<f32>,
        weights: Vec<f32>,
        forecasts: Vec<Vec<f64>>,
    }

    #[derive(Deserialize)]
    struct Settings {
        rounds: usize,
        depth: usize,
        shrinkage: f64,
        min_child_weight: f64,
        l2: f64,
        subsample: f64,
    }

    impl Settings {
        fn boosting(&self) -> Boosting {
            let Settings { rounds, depth, shrinkage, min_child_weight, l2, subsample } = *self;
            Boosting { rounds, depth, shrinkage, min_child_weight, l2, subsample }
        }
    }

    fn golden() -> Golden {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/boosted_trees.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    /// Trees that have seen nothing yet.
    fn booster<'a>(
        loss: Loss,
        boosting: Boosting,
        train: &[&'a [f32]],
        targets: &[f32],
        weights: &[f32],
    ) -> Booster<'a> {
        let forest = Forest { depth: boosting.depth, outputs: loss.outputs(), trees: Vec::new() };
        let side = |weights| Side::new(train.to_vec(), targets.to_vec(), weights, &forest);
        let (train, validation) = (side(Some(weights.to_vec())), side(None));
        let (constants, bins) = (train.constants(loss), Bins::new(train.rows.clone()));
        Booster { loss, boosting, constants, forest, bins, train, validation }
    }

    fn grown(booster: &mut Booster<'_>) {
        for round in 1..=booster.boosting.rounds {
            booster.round(&mut Random::of_epoch(7, Purpose::Shuffling, 0, round)).unwrap();
        }
    }

    fn said(booster: &Booster<'_>, row: &[f32]) -> Vec<f64> {
        let mut sums: Vec<f64> = booster.constants.iter().copied().map(f64::from).collect();
        booster.forest.add(row, &mut sums);
        sums
    }

    #[test]
    fn forecasts_are_those_of_xgboost_and_scikit_learn() {
        let Golden { x, cases } = golden();
        let rows: Vec<&[f32]> = x.iter().map(Vec::as_slice).collect();
        assert_eq!(cases.len(), 8);
        for Case { name, loss, settings, target, weights, forecasts } in cases {
            let mut booster = booster(loss, settings.boosting(), &rows[..target.len()], &target, &weights);
            grown(&mut booster);
            for (sample, (row, expected)) in rows.iter().zip(&forecasts).enumerate() {
                let ours = said(&booster, row);
                assert_eq!(ours.len(), expected.len());
                for (ours, expected) in ours.iter().zip(expected) {
                    assert!((ours - expected).abs() < 1e-5, "{name}, sample {sample}: {ours} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn no_round_raises_the_loss_that_it_is_grown_on() {
        let Golden { x, cases } = golden();
        let rows: Vec<&[f32]> = x.iter().map(Vec::as_slice).collect();
        let device = Device::flex();
        for Case { name, loss, settings, target, weights, .. } in cases {
            let mut booster = booster(loss, settings.boosting(), &rows[..target.len()], &target, &weights);
            let first = booster.losses(&device).unwrap()[0];
            let mut last = first;
            for round in 1..=booster.boosting.rounds {
                booster.round(&mut Random::of_epoch(7, Purpose::Shuffling, 0, round)).unwrap();
                let [next, _] = booster.losses(&device).unwrap();
                assert!(next <= last + 1e-6, "{name}, round {round}: {next} after {last}");
                last = next;
            }
            assert!(last < 0.9 * first, "{name}: {last} after {first}");
        }
    }

    #[test]
    fn the_order_of_samples_changes_no_bit_of_any_loss() {
        let Golden { x, cases } = golden();
        for Case { name, loss, settings, target, weights, .. } in cases {
            let trees = |turn: usize| {
                let mut rows: Vec<&[f32]> = x[..target.len()].iter().map(Vec::as_slice).collect();
                let (mut target, mut weights) = (target.clone(), weights.clone());
                rows.rotate_left(turn);
                target.rotate_left(turn);
                weights.rotate_left(turn);
                let mut booster = booster(loss, settings.boosting(), &rows, &target, &weights);
                grown(&mut booster);
                (booster.constants, booster.forest)
            };
            assert_eq!(trees(0), trees(77), "{name}");
        }
    }

    #[test]
    fn a_round_on_a_part_of_the_samples_is_fixed_by_its_seed_and_leaves_the_others_out() {
        let Golden { x, cases } = golden();
        let Case { loss, settings, target, weights, .. } = &cases[0];
        let rows: Vec<&[f32]> = x[..target.len()].iter().map(Vec::as_slice).collect();
        let trees = |subsample, seed, target: &[f32]| {
            let boosting = Boosting { subsample, ..settings.boosting() };
            let mut booster = booster(*loss, boosting, &rows, target, weights);
            // That of all targets, so that the trees alone tell of what is left out.
            booster.constants = vec![0.0];
            booster.round(&mut Random::of_epoch(seed, Purpose::Shuffling, 0, 1)).unwrap();
            booster.forest
        };
        assert_eq!(trees(0.5, 7, target), trees(0.5, 7, target));
        assert_ne!(trees(0.5, 7, target), trees(0.5, 8, target));
        assert_ne!(trees(0.5, 7, target), trees(1.0, 7, target));
        let mut random = Random::of_epoch(7, Purpose::Shuffling, 0, 1);
        let other = |target: &f32| if random.uniform() < 0.5 { *target } else { *target + 0.5 };
        let elsewhere: Vec<f32> = target.iter().map(other).collect();
        assert_eq!(trees(0.5, 7, target), trees(0.5, 7, &elsewhere));
    }
}

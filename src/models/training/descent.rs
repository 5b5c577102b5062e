//! Gradient descent: one phase of training, epoch after epoch, stopped when validation no longer gains.

use crate::error::{Diagnostic, Result};
use crate::models::forecaster::{Forecaster, Objective};
use crate::models::samples::columns::Sample;
use crate::models::samples::inputs::Batch;
use crate::models::training::fitting::Fitting;
use crate::models::training::train::{Epoch, Progress};
use crate::networks::{Dropout, Optimiser, Purpose, Random, StateDict, scalar};

/// One run of the optimiser, with one objective.
pub(super) struct Phase<'a> {
    pub(super) fitting: &'a Fitting<'a>,
    pub(super) number: usize,
    pub(super) phases: usize,
    pub(super) name: &'a str,
    pub(super) objective: Objective,
}

impl Phase<'_> {
    /// Trains from a state and gives the best state that validation saw.
    pub(super) fn run(
        &self,
        mut state: StateDict,
        history: &mut Vec<Epoch>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<StateDict> {
        let Fitting { configuration, fold, .. } = self.fitting;
        let training = &configuration.training;
        let mut optimiser = Optimiser::new(training.gradient_clip, training.weight_decay);
        let validation = self.batches(&fold.validation, EVALUATION_BATCH);
        let mut best: Option<(f64, StateDict, usize)> = None;
        let from = history.len();
        for epoch in 1..=training.epochs {
            let factor = training.schedule.factor(epoch - 1, training.epochs);
            let learning_rate = training.learning_rate * factor;
            let train_loss = self.epoch(epoch, &mut state, &fold.train, &mut optimiser, learning_rate)?;
            let validation_loss = self.evaluate(&state, &validation)?;
            self.check(train_loss + validation_loss, epoch)?;
            if best.as_ref().is_none_or(|(lowest, ..)| validation_loss < *lowest) {
                best = Some((validation_loss, state.clone(), epoch));
            }
            let phase = self.name.to_owned();
            history.push(Epoch {
                phase: phase.clone(),
                epoch,
                learning_rate,
                train_loss,
                validation_loss,
                kept: false,
            });
            let (lowest, best_epoch) = best.as_ref().map_or((validation_loss, epoch), |(lowest, _, at)| (*lowest, *at));
            let (phases, of) = ((self.number + 1, self.phases), training.epochs);
            progress(Progress { fit: (1, 1), phase, phases, epoch, of, train_loss, validation_loss, best: lowest });
            if epoch - best_epoch >= training.patience {
                break;
            }
        }
        let (_, state, kept) = best.ok_or_else(|| Diagnostic::new("a model is trained for at least one epoch"))?;
        if let Some(epoch) = history.get_mut(from + kept - 1) {
            epoch.kept = true;
        }
        Ok(state)
    }

    /// Refuses a loss that is no number.
    pub(super) fn check(&self, loss: f64, epoch: usize) -> Result<()> {
        if loss.is_finite() {
            return Ok(());
        }
        let message = format!("training of `{}` diverged: the loss is no number after epoch {epoch}", self.name);
        Err(Diagnostic::new(message)
            .hint("lower `learning_rate`, set `gradient_clip` to 1.0, or look for outliers in the features"))
    }

    /// One pass over samples in random order; gives their mean loss. Order and dropout hang on the seed, the phase
    /// and the epoch alone.
    pub(super) fn epoch(
        &self,
        epoch: usize,
        state: &mut StateDict,
        samples: &[Sample],
        optimiser: &mut Optimiser,
        learning_rate: f64,
    ) -> Result<f64> {
        let Fitting { configuration, inputs, device, .. } = self.fitting;
        let random = |purpose| Random::of_epoch(configuration.seed, purpose, self.number, epoch);
        let mut dropout = match self.objective {
            // The networks are as they are: what the weights learn from must not change.
            Objective::Score => Dropout::none(),
            _ => Dropout::new(configuration.dropout, random(Purpose::Dropout))?,
        };
        let mut order = samples.to_vec();
        random(Purpose::Shuffling).shuffle(&mut order);
        let mut mean = 0.0;
        for samples in order.chunks(configuration.training.batch) {
            let batch = inputs.batch(samples, device);
            let share = samples.len() as f64 / order.len() as f64;
            mean += share * self.step(state, &batch, &mut dropout, optimiser, learning_rate)?;
        }
        Ok(mean)
    }

    /// One step of the optimiser; gives the loss before it.
    fn step(
        &self,
        state: &mut StateDict,
        batch: &Batch,
        dropout: &mut Dropout,
        optimiser: &mut Optimiser,
        learning_rate: f64,
    ) -> Result<f64> {
        let tracked = state.tracked(|name| self.trains(name));
        let loss = Forecaster::new(self.fitting.configuration, &tracked)?.loss(self.objective, batch, dropout)?;
        let mut gradients = loss.backward();
        optimiser.step(state, tracked.gradients(&mut gradients), learning_rate)?;
        scalar(loss)
    }

    fn trains(&self, parameter: &str) -> bool {
        let network = parameter.split('.').next().unwrap_or(parameter);
        match self.objective {
            Objective::Joint(_) => true,
            Objective::Group(_) | Objective::Score => network == self.name,
        }
    }

    fn evaluate(&self, state: &StateDict, batches: &[Batch]) -> Result<f64> {
        let forecaster = Forecaster::new(self.fitting.configuration, state)?;
        let (mut sum, mut count) = (0.0, 0);
        for batch in batches {
            sum += scalar(forecaster.loss(self.objective, batch, &mut Dropout::none())?)? * batch.samples as f64;
            count += batch.samples;
        }
        Ok(sum / count as f64)
    }

    fn batches(&self, samples: &[Sample], size: usize) -> Vec<Batch> {
        samples.chunks(size).map(|samples| self.fitting.inputs.batch(samples, &self.fitting.device)).collect()
    }
}

/// How many samples are evaluated at once: large enough for speed, small enough for the cache.
pub(super) const EVALUATION_BATCH: usize = 256;

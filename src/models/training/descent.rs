//! One phase of training, epoch after epoch, stopped when validation no longer gains; and gradient descent in one.

use crate::error::{Diagnostic, Result};
use crate::models::forecaster::{Forecaster, Objective};
use crate::models::samples::columns::Sample;
use crate::models::samples::inputs::Batch;
use crate::models::training::fitting::Fitting;
use crate::models::training::progress::{Epoch, Place, Progress};
use crate::models::training::running::Running;
use crate::models::training::session::Session;
use crate::networks::{Dropout, Optimiser, Purpose, Random, StateDict, scalar};

/// One run of the optimiser, with one objective, or the trees of one group.
pub(super) struct Phase<'a> {
    pub(super) fitting: &'a Fitting<'a>,
    pub(super) number: usize,
    pub(super) phases: usize,
    pub(super) name: &'a str,
    pub(super) objective: Objective,
}

/// What an epoch, or a round, came to.
pub(super) struct Step {
    pub(super) learning_rate: f64,
    pub(super) train_loss: f64,
    pub(super) validation_loss: f64,
}

impl Phase<'_> {
    /// Goes on descending and gives the best parameters that validation saw.
    pub(super) fn descend(
        &self,
        running: Running,
        history: &mut Vec<Epoch>,
        session: &mut Session<'_>,
    ) -> Result<StateDict> {
        let Fitting { configuration, fold, .. } = self.fitting;
        let training = &configuration.training;
        let validation = self.fitting.batches(&fold.validation);
        self.until_best(running, history, session, training.epochs, &mut |running| {
            let Running { epoch, state, optimiser, .. } = running;
            let learning_rate = training.learning_rate * training.schedule.factor(*epoch - 1, training.epochs);
            let train_loss = self.epoch(*epoch, state, &fold.train, optimiser, learning_rate)?;
            let validation_loss = self.fitting.loss(state, self.objective, &validation)?;
            Ok(Step { learning_rate, train_loss, validation_loss })
        })
    }

    /// Goes on, step after step of at most so many, until validation no longer gains; gives the best parameters that it saw.
    pub(super) fn until_best(
        &self,
        mut running: Running,
        history: &mut Vec<Epoch>,
        session: &mut Session<'_>,
        most: usize,
        step: &mut dyn FnMut(&mut Running) -> Result<Step>,
    ) -> Result<StateDict> {
        let part = self.fitting.part;
        let from = history.len() - running.epoch;
        while !running.is_done(most, self.fitting.configuration.training.patience) {
            running.epoch += 1;
            let Step { learning_rate, train_loss, validation_loss } = step(&mut running)?;
            let Running { epoch, state, best, .. } = &mut running;
            let epoch = *epoch;
            self.check(validation_loss, epoch, None)?;
            if best.as_ref().is_none_or(|(lowest, ..)| validation_loss < *lowest) {
                *best = Some((validation_loss, state.clone(), epoch));
            }
            let lowest = best.as_ref().map_or(validation_loss, |(lowest, ..)| *lowest);
            let phase = self.name.to_owned();
            history.push(Epoch {
                phase: phase.clone(),
                epoch,
                learning_rate,
                train_loss,
                validation_loss,
                kept: false,
            });
            let told = Progress {
                fit: part,
                phase,
                phases: (self.number + 1, self.phases),
                epoch,
                of: most,
                train_loss,
                validation_loss,
                best: lowest,
            };
            session.after(Place { fit: part.0 - 1, phase: self.number }, &running, history, told)?;
        }
        let (_, state, kept) =
            running.best.ok_or_else(|| Diagnostic::new("a model is trained for at least one epoch"))?;
        if let Some(epoch) = history.get_mut(from + kept - 1) {
            epoch.kept = true;
        }
        Ok(state)
    }

    /// Refuses a loss that is no number, naming the largest input of the batch that gave it.
    pub(super) fn check(&self, loss: f64, epoch: usize, batch: Option<(usize, &[Sample])>) -> Result<()> {
        if loss.is_finite() {
            return Ok(());
        }
        let at = batch.map_or_else(String::new, |(number, _)| format!(", batch {number}"));
        let largest = batch.and_then(|(_, samples)| self.fitting.largest_input(samples));
        let cause =
            largest.map_or_else(String::new, |largest| format!("; the largest input of that batch is {largest}"));
        let message =
            format!("training of `{}` diverged: the loss is no number in epoch {epoch}{at}{cause}", self.name);
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
        for (number, samples) in order.chunks(configuration.training.batch).enumerate() {
            let batch = inputs.batch(samples, device);
            let share = samples.len() as f64 / order.len() as f64;
            let loss = self.step(state, &batch, &mut dropout, optimiser, learning_rate)?;
            self.check(loss, epoch, Some((number + 1, samples)))?;
            mean += share * loss;
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
}

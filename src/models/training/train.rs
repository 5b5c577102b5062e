//! Training: Adam on a purged split, stopped when the validation loss no longer falls.

use burn_core::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::artifacts::state_dict::StateDict;
use crate::models::configuration::{Configuration, Regime};
use crate::models::networks::device::DeviceKind;
use crate::models::networks::forecaster::{Forecaster, MIXER, Objective, initial};
use crate::models::networks::layers::Dropout;
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::inputs::{Batch, ModelInputs};
use crate::models::samples::scaler::Scaler;
use crate::models::samples::split::Split;
use crate::models::trained::Trained;
use crate::models::training::optimiser::{Optimiser, scalar};
use crate::models::training::random::{Purpose, Random};

/// How far training is, after each epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What is trained: a group's name, `joint` or `weights`.
    pub phase: String,
    /// Which phase, from 1, and how many there are.
    pub phases: (usize, usize),
    /// The epoch, from 1.
    pub epoch: usize,
    /// At most so many.
    pub of: usize,
    /// The mean loss over the epoch's training samples, with dropout, on scaled targets.
    pub train_loss: f64,
    /// The loss over the validation range after the epoch, without dropout.
    pub validation_loss: f64,
    /// The lowest validation loss of the phase so far.
    pub best: f64,
}

/// One epoch, as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// What was trained.
    pub phase: String,
    /// The epoch, from 1.
    pub epoch: usize,
    /// Adam's learning rate in it.
    pub learning_rate: f64,
    /// The mean loss over the training samples, with dropout.
    pub train_loss: f64,
    /// The loss over the validation range after it, without dropout.
    pub validation_loss: f64,
    /// Whether the phase kept the parameters of this epoch.
    pub kept: bool,
}

/// Trains a model.
///
/// # Errors
/// Where there is too little to train on, a column has no value or never changes, or the loss
/// stops being a number.
pub fn train(
    configuration: &Configuration,
    data: &[InstrumentData],
    device: DeviceKind,
    progress: &mut dyn FnMut(Progress),
) -> Result<Trained> {
    let samples = usable(configuration, data)?;
    let split = Split::new(configuration, data, &samples)?;
    let scaler = Scaler::fit(configuration, data, &split.train, split.ranges.train)?;
    let inputs = ModelInputs::new(configuration, &scaler, data);
    let burn = device.device()?;
    let mut state = initial(configuration, &burn)?;
    let networks = Forecaster::new(configuration, &state)?;
    let mut history = Vec::new();
    let phases = phases(configuration);
    for (number, (name, objective)) in phases.iter().enumerate() {
        let phase = Phase {
            configuration,
            number,
            phases: phases.len(),
            name,
            objective: *objective,
            inputs: &inputs,
            split: &split,
            device: &burn,
            networks: &networks,
        };
        state = phase.run(state, &mut history, progress)?;
    }
    Ok(Trained { configuration: configuration.clone(), device, scaler, ranges: split.ranges, state, history })
}

/// What is trained, one after the other, by name.
fn phases(configuration: &Configuration) -> Vec<(String, Objective)> {
    let groups =
        configuration.groups.iter().enumerate().map(|(index, group)| (group.name.clone(), Objective::Group(index)));
    match &configuration.weighting {
        None => groups.collect(),
        Some(weighting) => match weighting.regime {
            Regime::Joint => vec![("joint".into(), Objective::Joint(weighting.auxiliary))],
            Regime::Staged => groups.chain([(MIXER.into(), Objective::Score)]).collect(),
        },
    }
}

/// One run of the optimiser, with one objective.
struct Phase<'a> {
    configuration: &'a Configuration,
    number: usize,
    phases: usize,
    name: &'a str,
    objective: Objective,
    inputs: &'a ModelInputs,
    split: &'a Split,
    device: &'a Device,
    /// What each step's networks share their memory with.
    networks: &'a Forecaster,
}

impl Phase<'_> {
    /// Trains from a state and gives the best state that validation saw.
    fn run(
        &self,
        mut state: StateDict,
        history: &mut Vec<Epoch>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<StateDict> {
        let configuration = self.configuration;
        let mut shuffling = Random::new(configuration.seed, Purpose::Shuffling, self.number);
        let dropping = Random::new(configuration.seed, Purpose::Dropout, self.number);
        let mut dropout = match self.objective {
            // The LSTMs are as they are: what the weights learn from must not change.
            Objective::Score => Dropout::none(),
            _ => Dropout::new(configuration.dropout, dropping)?,
        };
        let mut optimiser = Optimiser::new(configuration);
        let mut order = self.split.train.clone();
        let validation = self.batches(&self.split.validation, EVALUATION_BATCH);
        let mut best: Option<(f64, StateDict, usize)> = None;
        let from = history.len();
        for epoch in 1..=configuration.epochs {
            let factor = configuration.schedule.factor(epoch - 1, configuration.epochs);
            let learning_rate = configuration.learning_rate * factor;
            shuffling.shuffle(&mut order);
            let mut train_loss = 0.0;
            for samples in order.chunks(configuration.batch) {
                let batch = self.inputs.batch(samples, self.device);
                let share = samples.len() as f64 / order.len() as f64;
                train_loss += share * self.step(&mut state, &batch, &mut dropout, &mut optimiser, learning_rate)?;
            }
            let validation_loss = self.evaluate(&state, &validation)?;
            if !(train_loss.is_finite() && validation_loss.is_finite()) {
                let message =
                    format!("training of `{}` diverged: the loss is no number after epoch {epoch}", self.name);
                return Err(Diagnostic::new(message)
                    .hint("lower `learning_rate`, set `gradient_clip` to 1.0, or look for outliers in the features"));
            }
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
            let (phases, of) = ((self.number + 1, self.phases), configuration.epochs);
            progress(Progress { phase, phases, epoch, of, train_loss, validation_loss, best: lowest });
            if epoch - best_epoch >= configuration.patience {
                break;
            }
        }
        let (_, state, kept) = best.ok_or_else(|| Diagnostic::new("a model is trained for at least one epoch"))?;
        if let Some(epoch) = history.get_mut(from + kept - 1) {
            epoch.kept = true;
        }
        Ok(state)
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
        let loss = self.networks.renewed(self.configuration, &tracked)?.loss(self.objective, batch, dropout)?;
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
        let forecaster = self.networks.renewed(self.configuration, state)?;
        let (mut sum, mut count) = (0.0, 0);
        for batch in batches {
            sum += scalar(forecaster.loss(self.objective, batch, &mut Dropout::none())?)? * batch.samples as f64;
            count += batch.samples;
        }
        Ok(sum / count as f64)
    }

    fn batches(&self, samples: &[Sample], size: usize) -> Vec<Batch> {
        samples.chunks(size).map(|samples| self.inputs.batch(samples, self.device)).collect()
    }
}

/// How many samples are evaluated at once: large enough for speed, small enough for the cache.
const EVALUATION_BATCH: usize = 256;

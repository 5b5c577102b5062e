//! The fit of one fold: its scalers, its networks phase after phase, and what they learn later.

use burn_core::tensor::Device;

use crate::error::Result;
use crate::models::configuration::{Configuration, Regime, SampleWeight};
use crate::models::forecaster::{Forecaster, Objective, initial};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::fold::Fold;
use crate::models::samples::inputs::{Batch, ModelInputs};
use crate::models::samples::scalers::Scalers;
use crate::models::samples::uniqueness::uniqueness;
use crate::models::trained::Fit;
use crate::models::training::checkpoint::Resumed;
use crate::models::training::descent::Phase;
use crate::models::training::running::Running;
use crate::models::training::session::Session;
use crate::models::weighting::MIXER;
use crate::networks::{Dropout, Fitting as Solved, StateDict, scalar};

/// What one fold is trained with.
pub(super) struct Fitting<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) data: &'a [InstrumentData],
    pub(super) fold: Fold,
    pub(super) scalers: Scalers,
    pub(super) inputs: ModelInputs,
    pub(super) device: Device,
    /// Which fit, from 1, and how many there are.
    pub(super) part: (usize, usize),
}

impl<'a> Fitting<'a> {
    pub(super) fn new(
        configuration: &'a Configuration,
        data: &'a [InstrumentData],
        mut fold: Fold,
        device: Device,
        part: (usize, usize),
    ) -> Result<Self> {
        let scalers = Scalers::fit(configuration, data, &fold.train, fold.ranges.train)?;
        // What the training range shows nothing of cannot be scaled.
        fold.validation.retain(|sample| scalers.of(sample.instrument).is_some());
        let inputs = ModelInputs::new(configuration, &scalers, data);
        let inputs = match configuration.sample_weight {
            SampleWeight::Equal => inputs,
            SampleWeight::Uniqueness => inputs.weighed(&fold.train, &uniqueness(data, &fold.train)),
        };
        Ok(Self { configuration, data, fold, scalers, inputs, device, part })
    }

    pub(super) fn run(self, instrument: Option<usize>, session: &mut Session<'_>) -> Result<Fit> {
        let phases = phases(self.configuration);
        let index = self.part.0 - 1;
        let resumed = match &session.checkpoints {
            Some(checkpoints) => checkpoints.resume(index, self.configuration, &self.device)?,
            None => None,
        };
        let training = &self.configuration.training;
        let (first, mut running, mut history) = match resumed {
            Some(Resumed { phase, running, history }) => (phase, running, history),
            None => {
                let (mut state, mut history) = (initial(self.configuration, &self.device)?, Vec::new());
                if let Solved::Ridge(penalty) = self.configuration.design.architecture.fitting() {
                    self.solve(penalty, &mut state, &mut history)?;
                }
                (0, Running::new(state, training), history)
            }
        };
        for (number, (name, objective)) in phases.iter().enumerate().skip(first) {
            let phase = Phase { fitting: &self, number, phases: phases.len(), name, objective: *objective };
            let state = match (self.configuration.design.architecture.fitting(), *objective) {
                (Solved::Boosting(boosting), Objective::Group(group)) => {
                    phase.boost(group, boosting, running, &mut history, session)?
                }
                _ => phase.descend(running, &mut history, session)?,
            };
            running = Running::new(state, training);
        }
        let mut state = running.state;
        self.fit_regimes(&mut state)?;
        let updates = self.updates(instrument, &state, session.progress)?;
        let Fold { ranges, from, until, .. } = self.fold;
        Ok(Fit { instrument, from, until, ranges, scalers: self.scalers, state, updates, history })
    }
}

impl Fitting<'_> {
    /// Samples in batches of the size that is right for evaluating.
    pub(super) fn batches(&self, samples: &[Sample]) -> Vec<Batch> {
        samples.chunks(EVALUATION_BATCH).map(|samples| self.inputs.batch(samples, &self.device)).collect()
    }

    /// The mean loss over batches, without dropout.
    pub(super) fn loss(&self, state: &StateDict, objective: Objective, batches: &[Batch]) -> Result<f64> {
        let forecaster = Forecaster::new(self.configuration, state)?;
        let (mut sum, mut count) = (0.0, 0);
        for batch in batches {
            sum += scalar(forecaster.loss(objective, batch, &mut Dropout::none())?)? * batch.samples as f64;
            count += batch.samples;
        }
        Ok(sum / count as f64)
    }
}

/// How many samples are evaluated at once: large enough for speed, small enough for the cache.
pub(super) const EVALUATION_BATCH: usize = 256;

/// What is trained epoch after epoch, one after the other, by name.
pub(super) fn phases(configuration: &Configuration) -> Vec<(String, Objective)> {
    let fitting = configuration.design.architecture.fitting();
    let (descends, at_once) = (fitting == Solved::Descent, matches!(fitting, Solved::Ridge(_)));
    let groups = configuration.groups.iter().enumerate().filter(|_| !at_once);
    let groups = groups.map(|(index, group)| (group.name.clone(), Objective::Group(index)));
    match configuration.weighting.as_ref().filter(|weighting| weighting.method.is_trained()) {
        None => groups.collect(),
        Some(weighting) if descends && weighting.regime == Regime::Joint => {
            vec![("joint".into(), Objective::Joint(weighting.auxiliary))]
        }
        Some(_) => groups.chain([(MIXER.into(), Objective::Score)]).collect(),
    }
}

//! The fit of one fold: its scalers, its networks phase after phase, and what they learn later.

use burn_core::tensor::Device;

use crate::error::Result;
use crate::models::configuration::{Configuration, Regime, SampleWeight};
use crate::models::forecaster::{Objective, initial};
use crate::models::samples::columns::InstrumentData;
use crate::models::samples::fold::Fold;
use crate::models::samples::inputs::ModelInputs;
use crate::models::samples::scalers::Scalers;
use crate::models::samples::uniqueness::uniqueness;
use crate::models::trained::Fit;
use crate::models::training::descent::Phase;
use crate::models::training::train::Progress;
use crate::models::weighting::MIXER;
use crate::networks::Fitting as Solved;
use crate::networks::Memory;

/// What one fold is trained with.
pub(super) struct Fitting<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) data: &'a [InstrumentData],
    pub(super) fold: Fold,
    pub(super) scalers: Scalers,
    pub(super) inputs: ModelInputs,
    pub(super) device: Device,
}

impl<'a> Fitting<'a> {
    pub(super) fn new(
        configuration: &'a Configuration,
        data: &'a [InstrumentData],
        mut fold: Fold,
        device: Device,
    ) -> Result<Self> {
        let scalers = Scalers::fit(configuration, data, &fold.train, fold.ranges.train)?;
        // What the training range shows nothing of cannot be scaled.
        fold.validation.retain(|sample| scalers.of(sample.instrument).is_some());
        let inputs = ModelInputs::new(configuration, &scalers, data);
        let inputs = match configuration.sample_weight {
            SampleWeight::Equal => inputs,
            SampleWeight::Uniqueness => inputs.weighed(&fold.train, &uniqueness(data, &fold.train)),
        };
        Ok(Self { configuration, data, fold, scalers, inputs, device })
    }

    pub(super) fn run(self, instrument: Option<usize>, progress: &mut dyn FnMut(Progress)) -> Result<Fit> {
        // Held to the end: each step works in the memory of the one before.
        let _memory = Memory::shared();
        let mut state = initial(self.configuration, &self.device)?;
        let mut history = Vec::new();
        let phases = phases(self.configuration);
        if let Solved::Ridge(penalty) = self.configuration.design.architecture.fitting() {
            self.solve(penalty, &mut state, &mut history)?;
        }
        for (number, (name, objective)) in phases.iter().enumerate() {
            let phase = Phase { fitting: &self, number, phases: phases.len(), name, objective: *objective };
            state = phase.run(state, &mut history, progress)?;
        }
        self.fit_regimes(&mut state)?;
        let updates = self.updates(instrument, &state, progress)?;
        let Fold { ranges, from, until, .. } = self.fold;
        Ok(Fit { instrument, from, until, ranges, scalers: self.scalers, state, updates, history })
    }
}

/// What is trained by descent, one after the other, by name.
pub(super) fn phases(configuration: &Configuration) -> Vec<(String, Objective)> {
    let descends = configuration.design.architecture.fitting() == Solved::Descent;
    let groups = configuration.groups.iter().enumerate().filter(|_| descends);
    let groups = groups.map(|(index, group)| (group.name.clone(), Objective::Group(index)));
    match configuration.weighting.as_ref().filter(|weighting| weighting.method.is_trained()) {
        None => groups.collect(),
        Some(weighting) if descends && weighting.regime == Regime::Joint => {
            vec![("joint".into(), Objective::Joint(weighting.auxiliary))]
        }
        Some(_) => groups.chain([(MIXER.into(), Objective::Score)]).collect(),
    }
}

//! Learning on in the test range: after each span, from the labels that became known in it.

use crate::error::Result;
use crate::models::configuration::Update;
use crate::models::samples::columns::{Sample, usable_of};
use crate::models::trained::Updated;
use crate::models::training::descent::Phase;
use crate::models::training::fitting::{Fitting, phases};
use crate::models::training::progress::Progress;
use crate::networks::{Optimiser, StateDict};
use crate::time::Timestamp;

impl Fitting<'_> {
    /// What the networks learn in the test range, each time for use from then on: they go over the samples whose
    /// label became known since, in the same phases, with their learning rate, with a new optimiser each time.
    ///
    /// An update hangs on what is known at its instant alone, so that a longer history changes none of those before.
    pub(super) fn updates(
        &self,
        instrument: Option<usize>,
        state: &StateDict,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Updated>> {
        let Some(Update { every, epochs }) = self.configuration.training.update else { return Ok(Vec::new()) };
        let instant = |sample: &Sample| self.data[sample.instrument].instants[sample.bar];
        let known = |sample: &Sample| self.data[sample.instrument].known_at[sample.bar];
        // What comes after the validation range: the gap before the test, and the test.
        let after = self.fold.ranges.validation.to;
        let covered = |index: &usize| instrument.is_none_or(|only| only == *index) && self.scalers.of(*index).is_some();
        let mut fresh: Vec<Sample> = Vec::new();
        for index in (0..self.data.len()).filter(covered) {
            fresh.extend(usable_of(self.configuration, self.data, index)?);
        }
        fresh.retain(|sample| instant(sample) > after && known(sample) < self.fold.until);
        fresh.sort_by_key(|sample| (known(sample), instant(sample), sample.instrument));
        let last = fresh.last().map_or(i64::MIN, known);
        let ends = (1..).map(|times| every.after(Timestamp(self.fold.from), times).0);
        let ends: Vec<i64> = ends.take_while(|end| *end <= last && *end < self.fold.until).collect();
        let (mut updates, mut state, mut fresh) = (Vec::new(), state.clone(), fresh.as_slice());
        let phases = phases(self.configuration);
        for (index, end) in ends.iter().enumerate() {
            let (samples, rest) = fresh.split_at(fresh.partition_point(|sample| known(sample) <= *end));
            if samples.is_empty() {
                continue;
            }
            for (number, (name, objective)) in phases.iter().enumerate() {
                let training = &self.configuration.training;
                let mut optimiser = Optimiser::new(training.gradient_clip, training.weight_decay);
                // Random numbers of their own: those of the phases of training are used up.
                let number = phases.len() * (index + 1) + number;
                let phase = Phase { fitting: self, number, phases: phases.len(), name, objective: *objective };
                for epoch in 1..=epochs {
                    let rate = training.learning_rate;
                    let train_loss = phase.epoch(epoch, &mut state, samples, &mut optimiser, rate)?;
                    progress(Progress {
                        fit: self.part,
                        phase: format!("update of {name}"),
                        phases: (index + 1, ends.len()),
                        epoch,
                        of: epochs,
                        train_loss,
                        validation_loss: train_loss,
                        best: train_loss,
                    });
                }
            }
            updates.push(Updated { from: *end, state: state.clone() });
            fresh = rest;
        }
        Ok(updates)
    }
}

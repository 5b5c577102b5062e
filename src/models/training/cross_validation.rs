//! Combinatorial purged cross-validation: how variants of a model compare, without a look at their test range.

use crate::error::{Diagnostic, Result};
use crate::models::configuration::Configuration;
use crate::models::samples::columns::{InstrumentData, Sample, usable};
use crate::models::samples::fold::{Fold, Range, Ranges, SMALLEST};
use crate::models::training::fitting::Fitting;
use crate::models::training::progress::Progress;
use crate::models::training::session::Session;
use crate::models::training::train::folds;
use crate::networks::DeviceKind;

/// How the bars before the test range are divided: into groups of as many instants each, of which every choice of
/// `held_out` is held out once (López de Prado 2018, chapter 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossValidation {
    /// How many groups; at least two.
    pub groups: usize,
    /// How many of them are held out at a time; fewer than all.
    pub held_out: usize,
}

/// One division and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// Which groups were held out, from 0.
    pub groups: Vec<usize>,
    /// How many samples were trained on.
    pub trained: usize,
    /// How many were held out.
    pub samples: usize,
    /// The lowest loss on them, on targets that are scaled by what was trained on. Of networks that are trained one by
    /// one the mean; of staged weights theirs.
    pub loss: f64,
}

impl CrossValidation {
    /// Every choice of held-out groups, in order.
    pub fn choices(self) -> Vec<Vec<usize>> {
        let mut choices = vec![Vec::new()];
        for group in 0..self.groups {
            let taken: Vec<Vec<usize>> = choices.iter().map(|choice| [choice.as_slice(), &[group]].concat()).collect();
            choices.extend(taken);
        }
        choices.retain(|choice| choice.len() == self.held_out);
        choices.sort();
        choices
    }

    /// Trains a model on each division of the samples whose labels are known before its first test, and gives what
    /// each came to.
    ///
    /// A sample is not trained on where its label overlaps with one that is held out, nor for an embargo of bars after
    /// a group that is held out.
    ///
    /// # Errors
    /// Where there is too little to train on or to hold out; and as [`crate::models::train`].
    pub fn of(
        self,
        configuration: &Configuration,
        data: &[InstrumentData],
        device: DeviceKind,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<HeldOut>> {
        let test = folds(configuration, data)?.iter().map(|(_, fold)| fold.from).min().unwrap_or(i64::MAX);
        let known = |sample: &Sample| data[sample.instrument].known_at[sample.bar];
        let samples: Vec<Sample> = usable(configuration, data)?.into_iter().filter(|s| known(s) < test).collect();
        let choices = self.choices();
        let count = choices.len();
        let one = |(index, groups): (usize, Vec<usize>)| -> Result<HeldOut> {
            let fold = self.fold(configuration, data, &samples, &groups)?;
            let (trained, held) = (fold.train.len(), fold.validation.len());
            let fitting = Fitting::new(configuration, data, fold, device.device()?, (index + 1, count))?;
            let mut session = Session { progress: &mut *progress, stop: None, checkpoints: None };
            let fit = fitting.run(None, &mut session)?;
            let kept: Vec<f64> =
                fit.history.iter().filter(|epoch| epoch.kept).map(|epoch| epoch.validation_loss).collect();
            let loss = match (&configuration.weighting, kept.as_slice()) {
                (Some(weighting), [.., last]) if weighting.method.is_trained() => *last,
                (_, losses) => losses.iter().sum::<f64>() / losses.len() as f64,
            };
            Ok(HeldOut { groups, trained, samples: held, loss })
        };
        choices.into_iter().enumerate().map(one).collect()
    }

    fn fold(
        self,
        configuration: &Configuration,
        data: &[InstrumentData],
        samples: &[Sample],
        held: &[usize],
    ) -> Result<Fold> {
        let instant = |sample: &Sample| data[sample.instrument].instants[sample.bar];
        let known = |sample: &Sample| data[sample.instrument].known_at[sample.bar];
        let mut instants: Vec<i64> = samples.iter().map(instant).collect();
        instants.dedup();
        let group = |sample: &Sample| {
            instants.partition_point(|other| *other < instant(sample)) * self.groups / instants.len().max(1)
        };
        let embargo = configuration.gap() - configuration.horizon;
        // What each group that is held out spans, its labels and the embargo included.
        let span = |which: &usize| {
            let own: Vec<&Sample> = samples.iter().filter(|sample| group(sample) == *which).collect();
            let from = own.first().map_or(i64::MAX, |sample| instant(sample));
            let last = own.iter().map(|sample| known(sample)).max().unwrap_or(i64::MIN);
            let after = instants.partition_point(|other| *other <= last) + embargo;
            (from, after.checked_sub(1).and_then(|bar| instants.get(bar)).copied().unwrap_or(i64::MAX))
        };
        let spans: Vec<(i64, i64)> = held.iter().map(span).collect();
        let apart = |sample: &Sample| spans.iter().all(|(from, to)| known(sample) < *from || instant(sample) > *to);
        let validation: Vec<Sample> = samples.iter().filter(|sample| held.contains(&group(sample))).copied().collect();
        let others = samples.iter().filter(|sample| !held.contains(&group(sample)) && apart(sample));
        let train: Vec<Sample> = others.copied().collect();
        if train.len() < SMALLEST.train || validation.len() < SMALLEST.validation {
            let message = format!(
                "of {} samples before the test range, with {} of {} groups held out, {} are left to train on and {} are held out",
                samples.len(),
                self.held_out,
                self.groups,
                train.len(),
                validation.len()
            );
            let (least, held) = (SMALLEST.train, SMALLEST.validation);
            return Err(Diagnostic::new(format!("{message}: there must be at least {least} and {held}"))
                .hint("take fewer groups, hold out fewer, or import more bars"));
        }
        let range = |samples: &[Sample]| Range {
            from: samples.first().map_or(0, instant),
            to: samples.last().map_or(0, instant),
            samples: samples.len(),
        };
        let ranges = Ranges { train: range(&train), validation: range(&validation), test: range(&[]) };
        Ok(Fold { train, validation, test: Vec::new(), ranges, from: i64::MAX, until: i64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_taken_once() {
        let choices = CrossValidation { groups: 4, held_out: 2 }.choices();
        assert_eq!(choices, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert_eq!(CrossValidation { groups: 6, held_out: 2 }.choices().len(), 15);
        assert_eq!(CrossValidation { groups: 3, held_out: 1 }.choices(), [[0], [1], [2]]);
    }
}

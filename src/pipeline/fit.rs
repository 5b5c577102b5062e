//! Fitting: a model's columns go in, a trained or a loaded model and its forecasts come out.

use std::path::{Path, PathBuf};

use tracing::{debug, debug_span, info_span};

use crate::data::{Column, FileHash, Lazy, sha256};
use crate::error::{Diagnostic, Result};
use crate::models::{
    Artifact, Checkpoints, GroupColumns, InstrumentData, Outcome, Prediction, Progress, Provenance, Quality, Session,
    Trained, key, outcomes, train_in,
};
use crate::networks::DeviceKind;
use crate::pipeline::Options;
use crate::plan::{Plan, PlannedModel};
use crate::run::InstrumentValues;
use crate::strategy::Strategy;
use crate::time::Alignment;

/// Whether trained models are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ModelPolicy {
    /// Where they fit; else they are trained and kept.
    #[default]
    Reuse,
    /// They are trained and kept, even where trained ones fit.
    Retrain,
    /// Where they fit; else the run is refused, saying what differs.
    Require,
}

/// Where a fitted model came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was trained in this run, for the reason given.
    Trained(String),
    /// It was trained before.
    Loaded,
}

/// A model of a run.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The names of its groups, then `score` where there are weights.
    pub forecasts: Vec<String>,
    /// The model.
    pub trained: Trained,
    /// Where it came from.
    pub source: Source,
    /// Where it is kept.
    pub folder: Option<PathBuf>,
    /// The hash of all that it depends on.
    pub key: String,
    /// How good its forecasts are on the test range.
    pub quality: Quality,
    /// Its outputs by name, for each instrument, at [`PlannedModel::timeframe`].
    pub outputs: Vec<Vec<(String, Column)>>,
    /// Its target, for each instrument, at [`PlannedModel::timeframe`]: what came after each bar, NaN where that is not
    /// known. It looks ahead; nothing but reports reads it.
    pub targets: Vec<Column>,
}

/// Fits the models of a plan, one after the other.
pub(super) struct Fitter<'a> {
    plan: &'a Plan,
    strategy: &'a Strategy,
    options: &'a Options<'a>,
    progress: &'a mut dyn FnMut(&Progress),
    /// The files, whose hashes nobody waits for where there is no model.
    inputs: &'a Lazy<FileHash>,
    pub(super) fitted: Vec<Fitted>,
}

impl<'a> Fitter<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        strategy: &'a Strategy,
        inputs: &'a Lazy<FileHash>,
        options: &'a Options<'a>,
        progress: &'a mut dyn FnMut(&Progress),
    ) -> Self {
        Self { plan, strategy, options, progress, inputs, fitted: Vec::new() }
    }

    /// Fits a model; gives its outputs for each instrument, in the order of the plan.
    pub(super) fn fit(&mut self, model: &PlannedModel, values: &[InstrumentValues]) -> Result<Vec<Vec<Column>>> {
        let data = values.iter().map(|values| model_data(model, values)).collect::<Result<Vec<_>>>()?;
        let provenance = Provenance {
            data: self.inputs.iter().map(|FileHash { file, sha256 }| (file.clone(), sha256.clone())).collect(),
            features: self.features(model),
            script: self.strategy.source.as_ref().map(|source| sha256(source.text.as_bytes())).unwrap_or_default(),
        };
        let folder = self.options.model_folder.map(|folder| self.folder(folder));
        let number = self.fitted.len() + 1;
        let _stage = info_span!("training", model = number).entered();
        let (trained, source) = self.trained(model, &data, &provenance, folder.as_deref())?;
        match &source {
            Source::Trained(reason) => debug!("trained: {reason}"),
            Source::Loaded => debug!("loaded: all that it depends on is as it was"),
        }
        let predictions = debug_span!("forecasts").in_scope(|| trained.predict(&data, self.strategy.in_sample))?;
        let quality = debug_span!("quality").in_scope(|| Quality::new(&trained, &data, &predictions))?;
        let key = key(&model.configuration, self.options.device, &provenance);
        let names: Vec<String> = model.groups.iter().map(|group| group.name.clone()).collect();
        let outputs: Vec<Vec<(String, Column)>> =
            predictions.into_iter().map(|prediction| named(&names, prediction)).collect();
        let columns =
            outputs.iter().map(|outputs| outputs.iter().map(|(_, column)| column.clone()).collect()).collect();
        let mut forecasts = names;
        forecasts.extend(model.configuration.weighting.as_ref().map(|_| "score".to_owned()));
        let targets = data.into_iter().map(|data| data.target.into()).collect();
        self.fitted.push(Fitted { forecasts, trained, source, folder, key, quality, outputs, targets });
        Ok(columns)
    }

    /// What the model's columns are computed from, beside the files.
    fn features(&self, model: &PlannedModel) -> String {
        let until = self.strategy.period.until.map_or_else(String::new, |until| format!("until {until}\n"));
        format!("adjust {:?}\n{until}{}", self.strategy.adjust, self.plan.explain_model(model))
    }

    /// `model`, and `model_2` for a second one.
    fn folder(&self, parent: &Path) -> PathBuf {
        match self.fitted.len() {
            0 => parent.join("model"),
            number => parent.join(format!("model_{}", number + 1)),
        }
    }

    fn trained(
        &mut self,
        model: &PlannedModel,
        data: &[InstrumentData],
        provenance: &Provenance,
        folder: Option<&Path>,
    ) -> Result<(Trained, Source)> {
        let device: DeviceKind = self.options.device;
        let reason = match (self.options.models, folder) {
            (ModelPolicy::Retrain, _) => "it was asked for".to_owned(),
            (_, None) => "trained models are not kept".to_owned(),
            (policy, Some(folder)) => match Artifact::load(folder, &model.configuration, device, provenance)? {
                Artifact::Match(trained) => return Ok((*trained, Source::Loaded)),
                other => {
                    let reason = match other {
                        Artifact::Mismatch(mismatch) => mismatch.to_string(),
                        _ => format!("there was none in {}", folder.display()),
                    };
                    if policy == ModelPolicy::Require {
                        return Err(Diagnostic::new(format!("no trained model fits: {reason}"))
                            .hint("train one with `runner train`, or run the script without a subcommand"));
                    }
                    reason
                }
            },
        };
        let progress = &mut *self.progress;
        let key = key(&model.configuration, device, provenance);
        let checkpoints = folder.map(|folder| Checkpoints::beside(folder, key));
        let mut session = Session { progress: &mut |epoch| progress(&epoch), stop: self.options.stop, checkpoints };
        let trained = train_in(&model.configuration, data, device, &mut session)?;
        if let Some(folder) = folder {
            trained.save(folder, provenance)?;
        }
        if let Some(checkpoints) = session.checkpoints {
            checkpoints.clear()?;
        }
        Ok((trained, Source::Trained(reason)))
    }
}

/// The outputs in the order of the plan: the groups' forecasts, then `score`, then the weights.
pub(super) fn named(groups: &[String], prediction: Prediction) -> Vec<(String, Column)> {
    let mut outputs: Vec<(String, Column)> = groups.iter().cloned().zip(prediction.groups).collect();
    if let Some(blend) = prediction.blend {
        outputs.push(("score".into(), blend.score));
        let weights = groups.iter().map(|group| format!("weights.{group}"));
        outputs.extend(weights.zip(blend.weights));
    }
    outputs
}

/// The outputs of a model that is not trained: unknown on every bar of each instrument.
///
/// # Errors
/// Where an instrument has no bars at the model's timeframe.
pub fn unknown_forecasts(model: &PlannedModel, values: &[InstrumentValues]) -> Result<Vec<Vec<Column>>> {
    // A forecast a group, perhaps a weight each and a score.
    let outputs = model.groups.len() * 2 + 1;
    let columns = |values: &InstrumentValues| {
        let length = values.bars.at(model.timeframe)?.len();
        Ok((0..outputs).map(|_| vec![f64::NAN; length].into()).collect())
    };
    values.iter().map(columns).collect()
}

/// What a model reads of one instrument, from the values of the steps before it.
///
/// # Errors
/// Where the instrument has no bars at one of the model's timeframes.
pub fn model_data(model: &PlannedModel, values: &InstrumentValues) -> Result<InstrumentData> {
    let base = values.bars.at(model.timeframe)?;
    let instants = base.close_instants().to_vec();
    let mut groups = Vec::new();
    for group in &model.groups {
        let features = group.features.iter().map(|(_, id)| values.numbers(*id, group.timeframe));
        let features = features.collect::<Result<Vec<_>>>()?;
        let bars = values.bars.at(group.timeframe)?;
        let visible = Alignment::new(bars.close_instants(), &instants).iter().collect();
        groups.push(GroupColumns { features, visible });
    }
    let given = model.given.iter().map(|id| values.numbers(*id, model.timeframe)).collect::<Result<_>>()?;
    let reads = model.target_reads.iter().map(|id| values.numbers(*id, model.timeframe));
    let reads = reads.collect::<Result<Vec<_>>>()?;
    let reads: Vec<&[f64]> = reads.iter().map(|column| &column[..]).collect();
    // The last bar may lack a part of its period: what it shows is no outcome yet.
    let complete = instants.len() - usize::from(!base.last_complete() && !instants.is_empty());
    let outcomes = outcomes(&model.target, &reads, complete)?;
    let known_at = |outcome: &Option<Outcome>| outcome.map_or(i64::MAX, |outcome| instants[outcome.known_at]);
    Ok(InstrumentData {
        name: values.bars.instrument.to_string(),
        groups,
        given,
        target: outcomes.iter().map(|outcome| outcome.map_or(f64::NAN, |outcome| outcome.value)).collect(),
        known_at: outcomes.iter().map(known_at).collect(),
        instants,
    })
}

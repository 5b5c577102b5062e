//! Models: whether there is enough to learn from and to judge by.

use crate::error::{Diagnostic, Result};
use crate::models::{InstrumentData, Scalers, folds, trainable_parameters};
use crate::pipeline::model_data;
use crate::plan::PlannedModel;
use crate::run::InstrumentValues;

/// So many parameters for each training sample are named. A network that is stopped early may have
/// more parameters than samples, but not by so much.
const PARAMETERS_PER_SAMPLE: usize = 10;
/// So few outcomes that do not overlap say little of a forecast.
const FEW_OUTCOMES: usize = 30;

pub(super) fn look(model: &PlannedModel, values: &[InstrumentValues]) -> Result<Vec<Diagnostic>> {
    let data: Vec<InstrumentData> = values.iter().map(|values| model_data(model, values)).collect::<Result<_>>()?;
    let configuration = &model.configuration;
    let folds = folds(configuration, &data)?;
    for (_, fold) in &folds {
        // What cannot be scaled cannot be learned from: that is no warning, and is told before hours of training.
        Scalers::fit(configuration, &data, &fold.train, fold.ranges.train)?;
    }
    let least = folds.iter().map(|(_, fold)| fold.train.len()).min().unwrap_or_default();
    let (parameters, train) = (trainable_parameters(configuration), least);
    let mut found = Vec::new();
    if parameters > PARAMETERS_PER_SAMPLE * train {
        let message = format!("the model has {parameters} parameters and {train} samples to train on");
        found.push(Diagnostic::warning(message).hint("give it fewer hidden units, or more bars or instruments"));
    }
    let tested = folds.iter().flat_map(|(_, fold)| &fold.test);
    let mut instants: Vec<i64> = tested.map(|sample| data[sample.instrument].instants[sample.bar]).collect();
    instants.sort_unstable();
    instants.dedup();
    let outcomes = instants.len() / configuration.horizon.max(1);
    if outcomes < FEW_OUTCOMES {
        let message = format!(
            "the test range holds {} bars whose targets look {} bars ahead: {outcomes} outcomes that do not overlap",
            instants.len(),
            configuration.horizon
        );
        let hint =
            format!("{FEW_OUTCOMES} are the least to judge by: leave more to the test range, or look less far ahead");
        found.push(Diagnostic::warning(message).hint(hint));
    }
    Ok(found.into_iter().map(|diagnostic| diagnostic.at(model.networks.origin.clone())).collect())
}

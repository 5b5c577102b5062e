//! What a model's training read: known before its test range, and the scaler fitted to it alone.

use crate::error::{Diagnostic, Result};
use crate::models::{FeatureScale, InstrumentData, Sample, Scaler, Split, Trained, usable};
use crate::plan::PlannedModel;
use crate::proof::compare::same;
use crate::proof::{Difference, Figure, Part, Prefix};
use crate::time::Timestamp;

/// The instant from which all that a model's training range holds is known, its labels included.
///
/// # Errors
/// Where the split of the full data is not the one that the model was trained with, or a label of one
/// range reaches into the next.
pub(super) fn training_known(trained: &Trained, data: &[InstrumentData]) -> Result<i64> {
    let samples = usable(&trained.configuration, data)?;
    let split = Split::new(&trained.configuration, data, &samples)?;
    let known = |samples: &[Sample]| {
        let known = samples.iter().map(|sample| data[sample.instrument].known_at[sample.bar]);
        known.max().unwrap_or(i64::MIN)
    };
    let (train, validation, ranges) = (known(&split.train), known(&split.validation), split.ranges);
    if ranges != trained.ranges {
        return Err(Diagnostic::new("the model was trained on other ranges than its data give")
            .hint("train it again, on these data"));
    }
    if train >= ranges.validation.from || validation >= ranges.test.from {
        return Err(Diagnostic::new("a label of the training or the validation range is known only in the next range")
            .hint("this is a mistake of whoever split the data, not of the strategy"));
    }
    Ok(train)
}

/// Fits the scaler again on a prefix that ends when the training range's last label is known, and
/// compares its statistics with the model's.
pub(super) fn scaler(
    model: &PlannedModel,
    trained: &Trained,
    data: &[InstrumentData],
    prefix: Prefix,
) -> Result<Option<Difference>> {
    let ranges = trained.ranges;
    let mut train = Vec::new();
    for (instrument, of) in data.iter().enumerate() {
        let predictable = of.predictable(&trained.configuration)?;
        let within = |bar: &usize| {
            let trained = of.instants[*bar] <= ranges.train.to && of.known_at[*bar] < ranges.validation.from;
            trained && predictable[*bar] && of.target[*bar].is_finite()
        };
        train.extend((0..of.instants.len()).filter(within).map(|bar| Sample { instrument, bar }));
    }
    train.sort_by_key(|sample| data[sample.instrument].instants[sample.bar]);
    let difference = |what: String, with_future: Figure, without_future: Figure| Difference {
        part: Part::Training(model.step),
        what: format!("{}: {what}", model.networks.node),
        origin: model.networks.origin.clone(),
        instrument: None,
        timeframe: Some(model.timeframe),
        bar: None,
        timestamp: Some(Timestamp(ranges.train.to)),
        prefix,
        with_future,
        without_future,
    };
    if train.len() != ranges.train.samples {
        let number = |count: usize| Figure::Number(count as f64);
        let (with, without) = (number(ranges.train.samples), number(train.len()));
        return Ok(Some(difference("how many samples it was trained on".into(), with, without)));
    }
    let again = Scaler::fit(&trained.configuration, data, &train, ranges.train)?;
    let pairs = statistics(&trained.scaler, model).into_iter().zip(statistics(&again, model));
    let mut pairs = pairs.map(|((name, with), (_, without))| (name, with, without));
    let found = pairs.find(|(_, with, without)| !same(*with, *without));
    Ok(found.map(|(name, with, without)| difference(name, Figure::Number(with), Figure::Number(without))))
}

/// Every number of a scaler, with its name.
fn statistics(scaler: &Scaler, model: &PlannedModel) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    let mut add = |name: String, scale: &FeatureScale| {
        all.extend(
            scale.statistics().into_iter().map(|(what, value)| (format!("the scaler's {what} of {name}"), value)),
        );
    };
    for (group, scales) in model.groups.iter().zip(&scaler.groups) {
        for ((feature, _), scale) in group.features.iter().zip(scales) {
            add(format!("`{}.{feature}`", group.name), scale);
        }
    }
    scaler.given.iter().enumerate().for_each(|(index, scale)| add(format!("series {} of `given`", index + 1), scale));
    add("the target".into(), &FeatureScale::Linear(scaler.target));
    all
}

//! What a model's training read: known before its test range, and the scaler fitted to it alone.

use crate::error::{Diagnostic, Result};
use crate::models::{FeatureScale, Fit, Fold, InstrumentData, Sample, Scaler, Scalers, Trained, folds};
use crate::plan::PlannedModel;
use crate::proof::compare::same;
use crate::proof::{Difference, Figure, Part, Prefix};
use crate::time::Timestamp;

/// For each fit of a model the instant from which all that its training range holds is known, its labels
/// included.
///
/// # Errors
/// Where the folds of the full data are not those that the model was trained with, or a label of one
/// range reaches into the next.
pub(super) fn training_known(trained: &Trained, data: &[InstrumentData]) -> Result<Vec<i64>> {
    let folds = folds(&trained.configuration, data)?;
    if !folds.iter().map(|(_, fold)| fold.ranges).eq(trained.fits.iter().map(|fit| fit.ranges)) {
        return Err(Diagnostic::new("the model was trained on other ranges than its data give")
            .hint("train it again, on these data"));
    }
    let known = |samples: &[Sample]| {
        let known = samples.iter().map(|sample| data[sample.instrument].known_at[sample.bar]);
        known.max().unwrap_or(i64::MIN)
    };
    let fit = |(_, fold): &(Option<usize>, Fold)| {
        let train = known(&fold.train);
        if train >= fold.ranges.validation.from || known(&fold.validation) >= fold.from {
            let message = "a label of the training or the validation range is known only in the next range";
            return Err(
                Diagnostic::new(message).hint("this is a mistake of whoever divided the data, not of the strategy")
            );
        }
        Ok(train)
    };
    folds.iter().map(fit).collect()
}

/// Fits the scalers of a fit again on a prefix that ends when the training range's last label is known, and
/// compares their statistics with the model's.
pub(super) fn scaler(
    model: &PlannedModel,
    fit: &Fit,
    data: &[InstrumentData],
    prefix: Prefix,
) -> Result<Option<Difference>> {
    let (configuration, ranges) = (&model.configuration, fit.ranges);
    let mut train = Vec::new();
    for (instrument, of) in data.iter().enumerate().filter(|(instrument, _)| fit.covers(*instrument)) {
        let predictable = of.predictable(configuration)?;
        let within = |bar: &usize| {
            let trained = (ranges.train.from..=ranges.train.to).contains(&of.instants[*bar])
                && of.known_at[*bar] < ranges.validation.from;
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
    let again = Scalers::fit(configuration, data, &train, ranges.train)?;
    let pairs = fit.scalers.iter().zip(again.iter());
    let pairs = pairs.flat_map(|(with, without)| statistics(with, model).into_iter().zip(statistics(without, model)));
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

//! Scaling: fitted on what the training range shows, and on nothing else.

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, ScalerKind};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::fold::Range;
use crate::models::samples::ranks::Ranks;
use crate::models::training::loss::TargetScaling;

/// A line: `(value - centre) / spread`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// What becomes 0.
    pub centre: f64,
    /// What becomes 1 apart; positive.
    pub spread: f64,
}

impl Scale {
    /// That which changes nothing.
    pub const NONE: Self = Self { centre: 0.0, spread: 1.0 };

    /// A value as a network sees it.
    pub fn apply(self, value: f64) -> f64 {
        (value - self.centre) / self.spread
    }

    /// A value back in its own units.
    pub fn undo(self, scaled: f64) -> f64 {
        scaled * self.spread + self.centre
    }

    /// By mean and standard deviation; none where the values do not differ.
    pub fn standard(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        Self::new(mean, variance.sqrt())
    }

    /// From one quantile to another, and what becomes 0; none where the values do not differ.
    fn between(mut values: Vec<f64>, centre: f64, [low, high]: [f64; 2]) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        Self::new(quantile(&values, centre)?, quantile(&values, high)? - quantile(&values, low)?)
    }

    fn new(centre: f64, spread: f64) -> Option<Self> {
        // Rounding leaves a constant column with a deviation of some 1e-16 of its mean.
        (spread.is_finite() && spread > 1e-12 * centre.abs()).then_some(Self { centre, spread })
    }
}

/// How one column that a network reads is scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FeatureScale {
    /// By a centre and a spread.
    Linear(Scale),
    /// By its rank among the values of the training range.
    Rank(Ranks),
}

impl FeatureScale {
    /// Fits a scale to values, all of them finite; none where they do not differ.
    pub fn fit(kind: ScalerKind, values: Vec<f64>) -> Option<Self> {
        match kind {
            ScalerKind::Standard => Scale::standard(&values).map(Self::Linear),
            ScalerKind::MinMax => Scale::between(values, 0.0, [0.0, 1.0]).map(Self::Linear),
            ScalerKind::Robust => Scale::between(values, 0.5, [0.25, 0.75]).map(Self::Linear),
            ScalerKind::Rank => Ranks::fit(values).map(Self::Rank),
        }
    }

    /// A value as a network sees it.
    pub fn apply(&self, value: f64) -> f64 {
        match self {
            FeatureScale::Linear(scale) => scale.apply(value),
            FeatureScale::Rank(ranks) => ranks.apply(value),
        }
    }

    /// Every number that was fitted, with its name.
    pub fn statistics(&self) -> Vec<(String, f64)> {
        match self {
            FeatureScale::Linear(Scale { centre, spread }) => {
                vec![("centre".into(), *centre), ("spread".into(), *spread)]
            }
            FeatureScale::Rank(Ranks { quantiles }) => {
                quantiles.iter().enumerate().map(|(step, value)| (format!("quantile {step}"), *value)).collect()
            }
        }
    }
}

/// A quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996).
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(position.floor() as usize)?, sorted.get(position.ceil() as usize)?);
    Some(low + (high - low) * position.fract())
}

/// How every column of a model is scaled, and what that was fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// How features are scaled.
    pub kind: ScalerKind,
    /// The range that it was fitted to: samples of it, and the bars in their windows.
    pub fitted: Range,
    /// A scale a feature of each group, in the order of the configuration.
    pub groups: Vec<Vec<FeatureScale>>,
    /// A scale a series of `given`.
    pub given: Vec<FeatureScale>,
    /// The target's, as the loss needs it.
    pub target: Scale,
    /// The mean of the target, in its own units.
    pub target_mean: f64,
}

impl Scaler {
    /// Fits to the samples of the training range: to the rows of their windows, each row once, to
    /// their `given` and to their targets.
    ///
    /// # Errors
    /// Where a column does not differ from bar to bar, which leaves nothing to scale by.
    pub fn fit(
        configuration: &Configuration,
        data: &[InstrumentData],
        train: &[Sample],
        fitted: Range,
    ) -> Result<Self> {
        let kind = configuration.scaler;
        let constant = |what: String| {
            let message =
                format!("{what} has the same value on every bar of the training range: nothing to learn from");
            match kind {
                ScalerKind::Robust => Diagnostic::new(message.replace("every bar", "half of the bars or more"))
                    .hint("take it out, or use scaler: \"standard\""),
                _ => Diagnostic::new(message).hint("take it out, or train on more bars"),
            }
        };
        let mut groups = Vec::new();
        for (index, group) in configuration.groups.iter().enumerate() {
            let shown = shown_rows(data, train, index, group.lookback);
            let mut scales = Vec::new();
            for (feature, name) in group.features.iter().enumerate() {
                let column =
                    shown.iter().map(|&(instrument, row)| data[instrument].groups[index].features[feature][row]);
                let scale = FeatureScale::fit(kind, column.collect());
                scales.push(scale.ok_or_else(|| constant(format!("the feature `{}.{name}`", group.name)))?);
            }
            groups.push(scales);
        }
        let count = configuration.given();
        let given = (0..count).map(|index| {
            let column = train.iter().map(|sample| data[sample.instrument].given[index][sample.bar]);
            FeatureScale::fit(kind, column.collect())
                .ok_or_else(|| constant(format!("series {} of `given`", index + 1)))
        });
        let given = given.collect::<Result<_>>()?;
        let targets: Vec<f64> = train.iter().map(|sample| data[sample.instrument].target[sample.bar]).collect();
        let standard = Scale::standard(&targets).ok_or_else(|| constant("the target".into()))?;
        let target_mean = standard.centre;
        let target = match configuration.loss.target_scaling() {
            TargetScaling::Standard => standard,
            TargetScaling::Deviation => Scale { centre: 0.0, ..standard },
            TargetScaling::None => Scale::NONE,
        };
        Ok(Self { kind, fitted, groups, given, target, target_mean })
    }
}

/// The rows of a group that the windows of samples show, each once, as (instrument, row).
fn shown_rows(data: &[InstrumentData], samples: &[Sample], group: usize, lookback: usize) -> Vec<(usize, usize)> {
    let mut rows = Vec::new();
    for (instrument, columns) in data.iter().enumerate() {
        let columns = &columns.groups[group];
        let mut shown = vec![false; columns.rows()];
        for sample in samples.iter().filter(|sample| sample.instrument == instrument) {
            if let Some(last) = columns.visible[sample.bar] {
                shown[last + 1 - lookback..=last].fill(true);
            }
        }
        rows.extend((0..shown.len()).filter(|row| shown[*row]).map(|row| (instrument, row)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_its_formula() {
        let values = vec![4.0, 1.0, 2.0, 9.0, 4.0];
        let fit = |kind| FeatureScale::fit(kind, values.clone()).unwrap();
        let line = |centre: f64, spread: f64| FeatureScale::Linear(Scale { centre, spread });
        assert_eq!(fit(ScalerKind::Standard), line(4.0, (38.0_f64 / 5.0).sqrt()));
        assert_eq!(fit(ScalerKind::MinMax), line(1.0, 8.0));
        assert_eq!(fit(ScalerKind::Robust), line(4.0, 2.0));
        assert_eq!(fit(ScalerKind::Rank), FeatureScale::Rank(Ranks { quantiles: vec![1.0, 2.0, 4.0, 4.0, 9.0] }));
        let scale = Scale::standard(&values).unwrap();
        assert_eq!(scale.undo(scale.apply(9.0)), 9.0);
    }

    #[test]
    fn what_does_not_differ_has_no_scale() {
        for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust, ScalerKind::Rank] {
            assert_eq!(FeatureScale::fit(kind, vec![0.1; 1000]), None);
            assert_eq!(FeatureScale::fit(kind, Vec::new()), None);
        }
    }

    #[test]
    fn every_kind_is_read_back_as_it_was_written() {
        let values: Vec<f64> = (0..700_i32).map(|n| f64::from(n * n % 701) / 3.0).collect();
        for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust, ScalerKind::Rank] {
            let scale = FeatureScale::fit(kind, values.clone()).unwrap();
            let again: FeatureScale = serde_json::from_str(&serde_json::to_string(&scale).unwrap()).unwrap();
            assert_eq!(again, scale);
        }
    }
}

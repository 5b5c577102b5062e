//! Scaling: fitted on what the training range shows, and on nothing else.

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, ScalerKind};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::fold::Range;

/// How one column is scaled: `(value - centre) / spread`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// What becomes 0.
    pub centre: f64,
    /// What becomes 1 apart; positive.
    pub spread: f64,
}

impl Scale {
    /// A value as a network sees it.
    pub fn apply(self, value: f64) -> f64 {
        (value - self.centre) / self.spread
    }

    /// A value back in its own units.
    pub fn undo(self, scaled: f64) -> f64 {
        scaled * self.spread + self.centre
    }

    /// Fits a scale to values, all of them finite; none where they do not differ.
    pub fn fit(kind: ScalerKind, mut values: Vec<f64>) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let (centre, spread) = match kind {
            ScalerKind::Standard => {
                let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
                (mean, variance.sqrt())
            }
            ScalerKind::MinMax | ScalerKind::Robust => {
                values.sort_unstable_by(f64::total_cmp);
                match kind {
                    ScalerKind::MinMax => (quantile(&values, 0.0)?, quantile(&values, 1.0)? - quantile(&values, 0.0)?),
                    _ => (quantile(&values, 0.5)?, quantile(&values, 0.75)? - quantile(&values, 0.25)?),
                }
            }
        };
        // Rounding leaves a constant column with a deviation of some 1e-16 of its mean.
        (spread.is_finite() && spread > 1e-12 * centre.abs()).then_some(Self { centre, spread })
    }
}

/// A quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(position.floor() as usize)?, sorted.get(position.ceil() as usize)?);
    Some(low + (high - low) * position.fract())
}

/// How every column of a model is scaled, and what that was fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// What centre and spread are.
    pub kind: ScalerKind,
    /// The range that it was fitted to: samples of it, and the bars in their windows.
    pub fitted: Range,
    /// A scale a feature of each group, in the order of the configuration.
    pub groups: Vec<Vec<Scale>>,
    /// A scale a series of `given`.
    pub given: Vec<Scale>,
    /// The target's, always by mean and deviation.
    pub target: Scale,
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
                let scale = Scale::fit(kind, column.collect());
                scales.push(scale.ok_or_else(|| constant(format!("the feature `{}.{name}`", group.name)))?);
            }
            groups.push(scales);
        }
        let count = configuration.weighting.as_ref().map_or(0, |weighting| weighting.given);
        let given = (0..count).map(|index| {
            let column = train.iter().map(|sample| data[sample.instrument].given[index][sample.bar]);
            Scale::fit(kind, column.collect()).ok_or_else(|| constant(format!("series {} of `given`", index + 1)))
        });
        let given = given.collect::<Result<_>>()?;
        let targets = train.iter().map(|sample| data[sample.instrument].target[sample.bar]).collect();
        let target = Scale::fit(ScalerKind::Standard, targets).ok_or_else(|| constant("the target".into()))?;
        Ok(Self { kind, fitted, groups, given, target })
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
        let fit = |kind| Scale::fit(kind, values.clone()).unwrap();
        assert_eq!(fit(ScalerKind::Standard), Scale { centre: 4.0, spread: (38.0_f64 / 5.0).sqrt() });
        assert_eq!(fit(ScalerKind::MinMax), Scale { centre: 1.0, spread: 8.0 });
        assert_eq!(fit(ScalerKind::Robust), Scale { centre: 4.0, spread: 2.0 });
        assert_eq!(fit(ScalerKind::Standard).undo(fit(ScalerKind::Standard).apply(9.0)), 9.0);
    }

    #[test]
    fn what_does_not_differ_has_no_scale() {
        for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust] {
            assert_eq!(Scale::fit(kind, vec![0.1; 1000]), None);
            assert_eq!(Scale::fit(kind, Vec::new()), None);
        }
    }
}

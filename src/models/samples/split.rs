//! Splits: chronological, and purged so that no label reaches into the next range.

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::Configuration;
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::instant;

/// The fewest samples that each range may have.
pub const SMALLEST: Smallest = Smallest { train: 50, validation: 10, test: 10 };

/// The fewest samples of each range.
#[derive(Clone, Copy, Debug)]
pub struct Smallest {
    /// To train on.
    pub train: usize,
    /// To say when to stop.
    pub validation: usize,
    /// To test on.
    pub test: usize,
}

/// A range of time, by the close instants of its first and last sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The close instant of its first bar (µs, UTC).
    #[serde(with = "instant")]
    pub from: i64,
    /// The close instant of its last bar (µs, UTC).
    #[serde(with = "instant")]
    pub to: i64,
    /// How many samples of all instruments it holds.
    pub samples: usize,
}

/// What a model was trained, validated and tested on. The test range has no end: bars that came
/// later belong to it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges {
    /// What the networks and the scaler were fitted to.
    pub train: Range,
    /// What said when to stop.
    pub validation: Range,
    /// What neither saw.
    pub test: Range,
}

/// The samples of each range, in order of time.
#[derive(Clone, Debug)]
pub struct Split {
    /// What the networks and the scaler are fitted to.
    pub train: Vec<Sample>,
    /// What says when to stop.
    pub validation: Vec<Sample>,
    /// What neither sees.
    pub test: Vec<Sample>,
    /// The ranges.
    pub ranges: Ranges,
}

impl Split {
    /// Splits samples that are in order of time, by the fractions of their instants.
    ///
    /// Between ranges lies a gap of the horizon plus the embargo, counted in instants at which any
    /// instrument has a usable bar. Where an instrument has fewer bars than that, its labels may
    /// reach further: samples whose label is not known before the next range are dropped too.
    ///
    /// # Errors
    /// Where a range would be too small, saying what there is and what to do.
    pub fn new(configuration: &Configuration, data: &[InstrumentData], samples: &[Sample]) -> Result<Self> {
        let instant = |sample: &Sample| data[sample.instrument].instants[sample.bar];
        let known_at = |sample: &Sample| data[sample.instrument].known_at[sample.bar];
        let mut instants: Vec<i64> = samples.iter().map(instant).collect();
        instants.dedup();

        let split = configuration.split;
        let gap = configuration.horizon + split.embargo;
        let share = |fraction: f64| (fraction * instants.len() as f64).floor() as usize;
        let (first, second) = (share(split.train), share(split.train + split.validation));
        let starts = (instants.get(first + gap), instants.get(second + gap));
        let (Some(&validation_from), Some(&test_from)) = starts else {
            return Err(too_few(configuration, samples.len()));
        };
        let (train_until, validation_until) = (instants[first], instants[second]);
        let within = |from: i64, until: i64, next: i64| {
            let inside = move |sample: &&Sample| (from..until).contains(&instant(sample)) && known_at(sample) < next;
            samples.iter().filter(inside).copied().collect::<Vec<_>>()
        };
        let train = within(i64::MIN, train_until, validation_from);
        let validation = within(validation_from, validation_until, test_from);
        let test = within(test_from, i64::MAX, i64::MAX);
        if train.len() < SMALLEST.train || validation.len() < SMALLEST.validation || test.len() < SMALLEST.test {
            return Err(too_few(configuration, samples.len()));
        }
        let range = |samples: &[Sample]| Range {
            from: samples.first().map_or(0, instant),
            to: samples.last().map_or(0, instant),
            samples: samples.len(),
        };
        let ranges = Ranges { train: range(&train), validation: range(&validation), test: range(&test) };
        Ok(Self { train, validation, test, ranges })
    }
}

fn too_few(configuration: &Configuration, usable: usize) -> Diagnostic {
    let Configuration { split, horizon, .. } = configuration;
    let message =
        format!("{usable} usable bars are too few: with train {:?} and validation {:?}", split.train, split.validation);
    let gap = format!("and gaps of {} bars (the target's horizon and the embargo)", horizon + split.embargo);
    let need = format!(
        "there must be at least {} to train, {} to validate and {} to test on",
        SMALLEST.train, SMALLEST.validation, SMALLEST.test
    );
    Diagnostic::new(format!("{message} {gap}, {need}"))
        .hint("import more bars, shorten the lookbacks (the coarsest group's first), or look less far ahead")
}

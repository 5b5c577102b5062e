//! Folds: what a model is trained, validated and tested on; chronological, and purged so that no label
//! reaches into the next range.

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, Division, PastWindow, SplitFractions, WalkForward};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::instant;
use crate::time::Timestamp;

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

impl Smallest {
    fn in_words(self) -> String {
        format!("{} to train, {} to validate and {} to test on", self.train, self.validation, self.test)
    }
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
pub struct Fold {
    /// What the networks and the scaler are fitted to.
    pub train: Vec<Sample>,
    /// What says when to stop.
    pub validation: Vec<Sample>,
    /// What neither sees.
    pub test: Vec<Sample>,
    /// The ranges.
    pub ranges: Ranges,
    /// From which close instant on the fold's model forecasts (µs, UTC).
    pub from: i64,
    /// Before which it does: where the next fold begins. The last has no end.
    pub until: i64,
}

impl Fold {
    /// Divides samples that are in order of time, as the configuration says.
    ///
    /// Between ranges lies a gap of the horizon plus the embargo, counted in instants at which any
    /// instrument has a usable bar. Where an instrument has fewer bars than that, its labels may
    /// reach further: samples whose label is not known before the next range are dropped too.
    ///
    /// Walking forward, the tests of all folds make one range without a gap: what is left out lies
    /// before each test. The first begins one `train` after the first usable bar. A last test of
    /// fewer than [`SMALLEST`] samples belongs to the fold before it.
    ///
    /// # Errors
    /// Where a range would be too small, saying what there is and what to do.
    pub fn all(configuration: &Configuration, data: &[InstrumentData], samples: &[Sample]) -> Result<Vec<Self>> {
        let timeline = Timeline::new(data, samples, configuration.gap());
        match configuration.division {
            Division::Split(split) => {
                let fold = timeline.split(split).filter(Fold::is_large_enough);
                Ok(vec![fold.ok_or_else(|| too_few(configuration, split, samples.len()))?])
            }
            Division::WalkForward(walk) => timeline.walk(walk, configuration),
        }
    }

    fn is_large_enough(&self) -> bool {
        self.train.len() >= SMALLEST.train
            && self.validation.len() >= SMALLEST.validation
            && self.test.len() >= SMALLEST.test
    }
}

/// Samples in order of time, with the instants at which there are any.
struct Timeline<'a> {
    data: &'a [InstrumentData],
    samples: &'a [Sample],
    instants: Vec<i64>,
    gap: usize,
}

impl<'a> Timeline<'a> {
    fn new(data: &'a [InstrumentData], samples: &'a [Sample], gap: usize) -> Self {
        let mut timeline = Self { data, samples, instants: Vec::new(), gap };
        timeline.instants = samples.iter().map(|sample| timeline.instant(sample)).collect();
        timeline.instants.dedup();
        timeline
    }

    fn instant(&self, sample: &Sample) -> i64 {
        self.data[sample.instrument].instants[sample.bar]
    }

    /// The samples of a range of instants whose label is known before the next range.
    fn within(&self, from: i64, until: i64, next: i64) -> Vec<Sample> {
        let first = self.samples.partition_point(|sample| self.instant(sample) < from);
        let rest = self.samples[first..].iter().take_while(|sample| self.instant(sample) < until);
        rest.filter(|sample| self.data[sample.instrument].known_at[sample.bar] < next).copied().collect()
    }

    fn fold(&self, train: Vec<Sample>, validation: Vec<Sample>, from: i64, until: i64) -> Fold {
        let test = self.within(from, until, i64::MAX);
        let range = |samples: &[Sample]| Range {
            from: samples.first().map_or(0, |sample| self.instant(sample)),
            to: samples.last().map_or(0, |sample| self.instant(sample)),
            samples: samples.len(),
        };
        let ranges = Ranges { train: range(&train), validation: range(&validation), test: range(&test) };
        Fold { train, validation, test, ranges, from, until }
    }

    /// One fold, by fractions of the instants; none where there are too few of them.
    fn split(&self, split: SplitFractions) -> Option<Fold> {
        let share = |fraction: f64| (fraction * self.instants.len() as f64).floor() as usize;
        let (first, second) = (share(split.train), share(split.train + split.validation));
        let validation_from = *self.instants.get(first + self.gap)?;
        let test_from = *self.instants.get(second + self.gap)?;
        let train = self.within(i64::MIN, self.instants[first], validation_from);
        let validation = self.within(validation_from, self.instants[second], test_from);
        Some(self.fold(train, validation, test_from, i64::MAX))
    }

    /// A fold for each span of the test.
    fn walk(&self, walk: WalkForward, configuration: &Configuration) -> Result<Vec<Fold>> {
        let (Some(first), Some(last)) = (self.instants.first(), self.instants.last()) else { return Ok(Vec::new()) };
        let start = walk.train.after(Timestamp(*first), 1);
        let boundary = |fold: usize| walk.test.after(start, u32::try_from(fold).unwrap_or(u32::MAX)).0;
        let mut starts: Vec<i64> = (0..).map(boundary).take_while(|from| from <= last).collect();
        while starts.len() > 1
            && starts.last().is_some_and(|from| self.within(*from, i64::MAX, i64::MAX).len() < SMALLEST.test)
        {
            starts.pop();
        }
        if starts.is_empty() {
            return Err(too_short(walk, *first, *last));
        }
        let mut folds = Vec::new();
        for (index, from) in starts.iter().enumerate() {
            let until = starts.get(index + 1).copied().unwrap_or(i64::MAX);
            let past = match walk.window {
                PastWindow::Rolling => walk.train.before(Timestamp(*from)).0,
                PastWindow::Expanding => i64::MIN,
            };
            let (train, validation) = self.past(walk, past, *from).unwrap_or_default();
            let fold = self.fold(train, validation, *from, until);
            if !fold.is_large_enough() {
                return Err(too_little_past(configuration, walk, index, &fold));
            }
            folds.push(fold);
        }
        Ok(folds)
    }

    /// What to train and to validate on before an instant; none where there is too little.
    fn past(&self, walk: WalkForward, from: i64, until: i64) -> Option<(Vec<Sample>, Vec<Sample>)> {
        let at = |instant: i64| self.instants.partition_point(|other| *other < instant);
        let (first, end) = (at(from), at(until).checked_sub(self.gap)?);
        let validation = ((1.0 - walk.validation) * end.checked_sub(first)? as f64).floor() as usize + first;
        let train_until = validation.checked_sub(self.gap).filter(|until| *until > first)?;
        let validation_from = *self.instants.get(validation)?;
        let train = self.within(from, self.instants[train_until], validation_from);
        Some((train, self.within(validation_from, *self.instants.get(end)?, until)))
    }
}

fn too_few(configuration: &Configuration, split: SplitFractions, usable: usize) -> Diagnostic {
    let message =
        format!("{usable} usable bars are too few: with train {:?} and validation {:?}", split.train, split.validation);
    let gap = format!("and gaps of {} bars (the target's horizon and the embargo)", configuration.gap());
    let need = format!("there must be at least {}", SMALLEST.in_words());
    Diagnostic::new(format!("{message} {gap}, {need}"))
        .hint("import more bars, shorten the lookbacks (the coarsest group's first), or look less far ahead")
}

fn too_short(walk: WalkForward, first: i64, last: i64) -> Diagnostic {
    let message = format!(
        "the usable bars go from {} to {}: there is nothing to test on after {} of the past",
        Timestamp(first).date(),
        Timestamp(last).date(),
        walk.train
    );
    Diagnostic::new(message).hint("give `walk_forward` a shorter `train`, or import more bars")
}

fn too_little_past(configuration: &Configuration, walk: WalkForward, index: usize, fold: &Fold) -> Diagnostic {
    let message = format!(
        "walking forward by {} with {} of the past, fold {} (tested from {}) has {} samples to train, {} to validate \
         and {} to test on",
        walk.test,
        walk.train,
        index + 1,
        Timestamp(fold.from).date(),
        fold.train.len(),
        fold.validation.len(),
        fold.test.len()
    );
    let gap = format!("with gaps of {} bars (the target's horizon and the embargo)", configuration.gap());
    Diagnostic::new(format!("{message}, {gap}: there must be at least {}", SMALLEST.in_words()))
        .hint("give `walk_forward` a longer `train` or `test`, import more bars, or shorten the lookbacks")
}

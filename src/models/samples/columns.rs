//! What a model is given: columns of each instrument, and which bars are fit for use.

use crate::data::Column;
use crate::error::{Diagnostic, Result};
use crate::models::configuration::Configuration;

/// The features of one group of one instrument, on the bars of the group's own timeframe.
#[derive(Clone, Debug)]
pub struct GroupColumns {
    /// One column a feature, in the order of the configuration; all of one length.
    pub features: Vec<Column>,
    /// For each base bar the last bar of the group that is closed by the base bar's close.
    pub visible: Vec<Option<usize>>,
}

/// What a model reads of one instrument. A base bar is a bar at the target's timeframe.
#[derive(Clone, Debug)]
pub struct InstrumentData {
    /// Its name, for messages.
    pub name: String,
    /// The groups, in the order of the configuration.
    pub groups: Vec<GroupColumns>,
    /// What the weights may depend on, a value a base bar; empty without weights.
    pub given: Vec<Column>,
    /// The label of each base bar; NaN where it is not known.
    pub target: Vec<f64>,
    /// The close instant of each base bar (µs, UTC), strictly increasing.
    pub instants: Vec<i64>,
    /// The instant from which each base bar's label is known (µs, UTC).
    pub known_at: Vec<i64>,
}

/// A base bar of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// Which instrument, in the order given.
    pub instrument: usize,
    /// Which base bar of it.
    pub bar: usize,
}

impl InstrumentData {
    /// Which base bars a forecast can be made on: every value in every window is known, and so is
    /// every value that the weights depend on.
    ///
    /// # Errors
    /// Where the columns do not fit the configuration.
    pub fn predictable(&self, configuration: &Configuration) -> Result<Vec<bool>> {
        self.check(configuration)?;
        let mut predictable: Vec<bool> =
            (0..self.instants.len()).map(|bar| self.given.iter().all(|column| column[bar].is_finite())).collect();
        for (group, columns) in configuration.groups.iter().zip(&self.groups) {
            // How many rows up to each one have every feature.
            let mut run = 0;
            let known = |row: usize| columns.features.iter().all(|column| column[row].is_finite());
            let runs: Vec<usize> = (0..columns.rows())
                .map(|row| {
                    run = if known(row) { run + 1 } else { 0 };
                    run
                })
                .collect();
            for (usable, visible) in predictable.iter_mut().zip(&columns.visible) {
                *usable &= visible.and_then(|row| runs.get(row)).is_some_and(|run| *run >= group.lookback);
            }
        }
        Ok(predictable)
    }

    fn check(&self, configuration: &Configuration) -> Result<()> {
        let bars = self.instants.len();
        let given = configuration.given();
        let fits = self.groups.len() == configuration.groups.len()
            && self.given.len() == given
            && self.target.len() == bars
            && self.known_at.len() == bars
            && self.given.iter().all(|column| column.len() == bars)
            && self.instants.is_sorted_by(|a, b| a < b)
            && self.groups.iter().zip(&configuration.groups).all(|(columns, group)| {
                columns.visible.len() == bars
                    && columns.features.len() == group.features.len()
                    && columns.features.iter().all(|column| column.len() == columns.rows())
            });
        if fits {
            return Ok(());
        }
        Err(Diagnostic::new(format!("the columns of {} do not fit the model's configuration", self.name))
            .hint("this is a mistake of whoever made the columns, not of the strategy"))
    }

    /// Why no bar of this instrument is fit for training.
    fn unusable(&self, configuration: &Configuration) -> Diagnostic {
        let name = &self.name;
        for (group, columns) in configuration.groups.iter().zip(&self.groups) {
            for (feature, column) in group.features.iter().zip(&columns.features) {
                if column.iter().all(|value| !value.is_finite()) {
                    let message = format!("{name}: the feature `{}.{feature}` has no value on any bar", group.name);
                    return Diagnostic::new(message).hint("take it out, or give its indicator a shorter lookback");
                }
            }
            if columns.rows() < group.lookback {
                let message =
                    format!("{name}: group `{}` has {} bars at {}", group.name, columns.rows(), group.timeframe);
                return Diagnostic::new(format!("{message}, but its lookback is {}", group.lookback))
                    .hint("give the group a shorter lookback, or import more bars");
            }
        }
        if let Some(index) = self.given.iter().position(|column| column.iter().all(|value| !value.is_finite())) {
            let message = format!("{name}: series {} of `given` has no value on any bar", index + 1);
            return Diagnostic::new(message).hint("take it out, or give its indicator a shorter lookback");
        }
        if self.target.iter().all(|value| !value.is_finite()) {
            let message = format!("{name}: the target looks {} bars ahead", configuration.horizon);
            return Diagnostic::new(format!("{message} and is not known on any of {} bars", self.target.len()))
                .hint("look less far ahead, or import more bars");
        }
        let message = format!("{name}: no bar has every feature in every window together with the target");
        Diagnostic::new(message).hint(
            "shorten the lookbacks, of the coarsest group first, or import more bars, or leave the instrument out",
        )
    }
}

impl GroupColumns {
    /// How many bars the group has.
    pub fn rows(&self) -> usize {
        self.features.first().map_or(0, |column| column.len())
    }
}

/// Every bar that is fit for training, in order of time and then of instruments.
///
/// # Errors
/// Where an instrument has none, saying why; and where columns do not fit the configuration.
pub fn usable(configuration: &Configuration, data: &[InstrumentData]) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for (instrument, columns) in data.iter().enumerate() {
        let own = usable_of(configuration, data, instrument)?;
        if own.is_empty() {
            return Err(columns.unusable(configuration));
        }
        samples.extend(own);
    }
    // The sort is stable: instruments stay in order within an instant.
    samples.sort_by_key(|sample| data[sample.instrument].instants[sample.bar]);
    Ok(samples)
}

/// The bars of one instrument that are fit for training, in order.
///
/// # Errors
/// Where columns do not fit the configuration.
pub fn usable_of(configuration: &Configuration, data: &[InstrumentData], instrument: usize) -> Result<Vec<Sample>> {
    let columns = &data[instrument];
    let predictable = columns.predictable(configuration)?;
    let bars = (0..predictable.len()).filter(|bar| predictable[*bar] && columns.target[*bar].is_finite());
    Ok(bars.map(|bar| Sample { instrument, bar }).collect())
}

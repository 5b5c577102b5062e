//! The scaling of a model: one for all instruments, or one for each.

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::{Configuration, Pool};
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::fold::Range;
use crate::models::samples::scaler::Scaler;

/// How the columns of each instrument are scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalers {
    /// All alike.
    Joint(Scaler),
    /// Each by what its own training range showed; an instrument that it showed nothing of has none, and the
    /// model no value for it.
    Each(Vec<Option<Scaler>>),
}

impl Scalers {
    /// Fits to the samples of the training range.
    ///
    /// # Errors
    /// As [`Scaler::fit`].
    pub fn fit(
        configuration: &Configuration,
        data: &[InstrumentData],
        train: &[Sample],
        fitted: Range,
    ) -> Result<Self> {
        if configuration.pool != Pool::ScaledEach {
            return Scaler::fit(configuration, data, train, fitted).map(Self::Joint);
        }
        let each = data.iter().enumerate().map(|(instrument, of)| {
            let own: Vec<Sample> = train.iter().filter(|sample| sample.instrument == instrument).copied().collect();
            if own.is_empty() {
                return Ok(None);
            }
            let named = |error: Diagnostic| error.of(&of.name);
            Scaler::fit(configuration, data, &own, fitted).map(Some).map_err(named)
        });
        each.collect::<Result<_>>().map(Self::Each)
    }

    /// That of an instrument.
    pub fn of(&self, instrument: usize) -> Option<&Scaler> {
        match self {
            Scalers::Joint(scaler) => Some(scaler),
            Scalers::Each(each) => each.get(instrument)?.as_ref(),
        }
    }

    /// Every one of them.
    pub fn iter(&self) -> impl Iterator<Item = &Scaler> {
        let (joint, each) = match self {
            Scalers::Joint(scaler) => (Some(scaler), [].as_slice()),
            Scalers::Each(each) => (None, each.as_slice()),
        };
        joint.into_iter().chain(each.iter().flatten())
    }
}

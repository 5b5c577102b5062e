//! The stretch of time that a strategy is run over.

use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

/// From when on it trades, and where the data end for it.
///
/// What comes before `from` is still read: indicators and models are ready when trading begins. What comes after the
/// end is not there at all, neither for rules nor for training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first bar that is traded opens at this instant or later; the first that can be where there is none.
    pub from: Option<Timestamp>,
    /// Bars that open at this instant or later are not read.
    pub until: Option<Timestamp>,
}

impl Period {
    /// A period from its ends as people write them; of a bare date at its end, the whole day belongs to it.
    ///
    /// ```
    /// use timeweave::strategy::Period;
    ///
    /// let period = Period::new(Some("2010-01-01"), Some("2012-12-31"))?;
    /// assert_eq!(period.until.unwrap().to_string(), "2013-01-01");
    /// assert_eq!(Period::new(None, Some("2012-5-18"))?, Period::new(None, Some("2012-05-18"))?);
    /// assert!(Period::new(Some("2012-01-02"), Some("2012-01-01")).is_err());
    /// # Ok::<(), timeweave::error::Diagnostic>(())
    /// ```
    ///
    /// # Errors
    /// Where an end is no date, or the period ends before it begins.
    pub fn new(from: Option<&str>, to: Option<&str>) -> Result<Self> {
        let from = from.map(str::parse).transpose()?;
        let period = Self { from, until: to.map(Timestamp::end_of).transpose()? };
        match period {
            Self { from: Some(from), until: Some(until) } if from >= until => Err(Diagnostic::new(format!(
                "the period from {from} ends before it begins: {}",
                to.unwrap_or_default()
            ))
            .hint("`from` is the first date that is traded, `to` the last one that is read")),
            period => Ok(period),
        }
    }

    /// This one with the ends that another one has.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { from: self.from.or(other.from), until: self.until.or(other.until) }
    }
}

//! Conditions: a truth value a bar.

use std::ops;
use std::sync::Arc;

use crate::error::Origin;
use crate::expr::summary::{Summarised, Summary};
use crate::expr::{Comparison, Pick, Series, SeriesKind};

/// One truth value a bar; false where what it depends on is not known.
#[derive(Clone, Debug)]
pub struct Condition(Arc<Located>);

#[derive(Debug)]
struct Located {
    kind: ConditionKind,
    summary: Summary,
    origin: Option<Origin>,
}

/// What a condition is made of.
#[derive(Clone, Debug)]
pub enum ConditionKind {
    /// The same on every bar.
    Constant(bool),
    /// A comparison; false where either side is NaN.
    Compare(Comparison, Series, Series),
    /// The first was at or below the second a bar ago and is above it now.
    CrossesAbove(Series, Series),
    /// The first was at or above the second a bar ago and is below it now.
    CrossesBelow(Series, Series),
    /// Both hold.
    And(Condition, Condition),
    /// Either holds.
    Or(Condition, Condition),
    /// It does not hold (true where what it depends on is not known).
    Not(Condition),
    /// It held so many bars ago, on the condition's own bars.
    Shift(Condition, usize),
    /// The instrument is among the first of the universe by the series.
    Pick(Pick, Series),
}

impl Condition {
    /// A condition made of `kind`.
    pub fn new(kind: ConditionKind) -> Self {
        let summary = match &kind {
            ConditionKind::Constant(_) => Summary::leaf(None),
            ConditionKind::Compare(_, a, b) | ConditionKind::CrossesAbove(a, b) | ConditionKind::CrossesBelow(a, b) => {
                Summary::over([a.summary(), b.summary()])
            }
            ConditionKind::And(a, b) | ConditionKind::Or(a, b) => Summary::over([a.summary(), b.summary()]),
            ConditionKind::Not(a) | ConditionKind::Shift(a, _) => Summary::over([a.summary()]),
            ConditionKind::Pick(_, a) => Summary::compared(a.summary()),
        };
        Self(Arc::new(Located { kind, summary, origin: None }))
    }

    /// The same on every bar.
    pub fn constant(value: bool) -> Self {
        Self::new(ConditionKind::Constant(value))
    }

    /// Remembers where a person wrote it, unless that is known.
    #[must_use]
    pub fn at(self, origin: impl Into<Option<Origin>>) -> Self {
        match origin.into() {
            Some(origin) if self.0.origin.is_none() => Self(Arc::new(Located {
                kind: self.0.kind.clone(),
                summary: self.0.summary.clone(),
                origin: Some(origin),
            })),
            _ => self,
        }
    }

    /// What it is made of.
    pub fn kind(&self) -> &ConditionKind {
        &self.0.kind
    }

    /// Where a person wrote it.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// An address that equal handles share: two conditions with one identity are one condition.
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Whether it held `bars` ago, on its own bars.
    #[must_use]
    pub fn shift(&self, bars: usize) -> Self {
        Self::new(ConditionKind::Shift(self.clone(), bars))
    }

    /// `a` where this holds, else `b`.
    pub fn select(&self, a: impl Into<Series>, b: impl Into<Series>) -> Series {
        Series::new(SeriesKind::Select(self.clone(), a.into(), b.into()))
    }
}

impl Summarised for Condition {
    fn summary(&self) -> &Summary {
        &self.0.summary
    }
}

impl ops::BitAnd for Condition {
    type Output = Condition;
    fn bitand(self, other: Condition) -> Condition {
        Self::new(ConditionKind::And(self, other))
    }
}

impl ops::BitOr for Condition {
    type Output = Condition;
    fn bitor(self, other: Condition) -> Condition {
        Self::new(ConditionKind::Or(self, other))
    }
}

impl ops::Not for Condition {
    type Output = Condition;
    fn not(self) -> Condition {
        Self::new(ConditionKind::Not(self))
    }
}

//! Series: a number a bar.

use std::ops;
use std::sync::Arc;

use crate::error::Origin;
use crate::expr::summary::{Summarised, Summary, Symbols};
use crate::expr::{
    Across, BarsRef, Binary, Call, Comparison, Condition, ConditionKind, PositionFigure, Scan, ScanIdentity, Unary,
};

/// One number a bar, NaN where it is not (yet) known.
#[derive(Clone, Debug)]
pub struct Series(Arc<Located>);

#[derive(Debug)]
struct Located {
    kind: SeriesKind,
    summary: Summary,
    origin: Option<Origin>,
}

/// What a series is made of.
#[derive(Clone, Debug)]
pub enum SeriesKind {
    /// The same number on every bar, at any timeframe.
    Constant(f64),
    /// A column of the bars: one of the five, or an extra one by its name.
    Column(BarsRef, Arc<str>),
    /// A function of each value.
    Unary(Unary, Series),
    /// A function of two values of the same bar.
    Binary(Binary, Series, Series),
    /// The first series where the condition holds, else the second.
    Select(Condition, Series, Series),
    /// The value so many bars ago, on the series' own bars.
    Shift(Series, usize),
    /// An output of an indicator or a model, by its position.
    Output(Arc<Call>, usize),
    /// The values of all instruments of the universe, compared.
    Across(Across, Series),
    /// A state of a scan over its bars, by its position.
    Scan(Arc<Scan>, usize),
    /// Inside of a scan: one of its states, one bar ago.
    State(ScanIdentity, usize),
    /// In an exit or a size: a figure of the open position.
    Position(PositionFigure),
}

impl Series {
    /// A series made of `kind`.
    pub fn new(kind: SeriesKind) -> Self {
        let summary = match &kind {
            SeriesKind::Constant(_) => Summary::leaf(None),
            SeriesKind::Column(bars, _) => Summary::leaf(Some(bars)),
            SeriesKind::Position(_) => {
                Summary { symbols: Symbols { position: true, state: false }, ..Summary::leaf(None) }
            }
            SeriesKind::State(..) => {
                Summary { symbols: Symbols { position: false, state: true }, ..Summary::leaf(None) }
            }
            SeriesKind::Unary(_, a) | SeriesKind::Shift(a, _) => Summary::over([a.summary()]),
            SeriesKind::Across(_, a) => Summary::compared(a.summary()),
            SeriesKind::Binary(_, a, b) => Summary::over([a.summary(), b.summary()]),
            SeriesKind::Select(c, a, b) => Summary::over([c.summary(), a.summary(), b.summary()]),
            SeriesKind::Output(call, output) => Summary::output(call, *output),
            SeriesKind::Scan(scan, _) => {
                let parts = scan.states.iter().flat_map(|state| [state.initial.summary(), state.next.summary()]);
                // Its states are bound in it; the position would be read from outside.
                let all = Summary::over(parts);
                Summary { symbols: Symbols { state: false, ..all.symbols }, ..all }
            }
        };
        Self(Arc::new(Located { kind, summary, origin: None }))
    }

    /// The same number on every bar.
    pub fn constant(value: f64) -> Self {
        Self::new(SeriesKind::Constant(value))
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
    pub fn kind(&self) -> &SeriesKind {
        &self.0.kind
    }

    /// Where a person wrote it.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// An address that equal handles share: two series with one identity are one series.
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// A function of each value.
    #[must_use]
    pub fn unary(&self, operator: Unary) -> Self {
        Self::new(SeriesKind::Unary(operator, self.clone()))
    }

    /// A function of this value and another's.
    #[must_use]
    pub fn binary(&self, operator: Binary, other: impl Into<Series>) -> Self {
        Self::new(SeriesKind::Binary(operator, self.clone(), other.into()))
    }

    /// The value `bars` ago, on this series' own bars.
    #[must_use]
    pub fn shift(&self, bars: usize) -> Self {
        Self::new(SeriesKind::Shift(self.clone(), bars))
    }

    /// A comparison with another.
    pub fn compare(&self, comparison: Comparison, other: impl Into<Series>) -> Condition {
        Condition::new(ConditionKind::Compare(comparison, self.clone(), other.into()))
    }

    /// `self > other`
    pub fn gt(&self, other: impl Into<Series>) -> Condition {
        self.compare(Comparison::Greater, other)
    }

    /// `self < other`
    pub fn lt(&self, other: impl Into<Series>) -> Condition {
        self.compare(Comparison::Less, other)
    }

    /// At or below `other` a bar ago, and above it now.
    pub fn crosses_above(&self, other: impl Into<Series>) -> Condition {
        Condition::new(ConditionKind::CrossesAbove(self.clone(), other.into()))
    }

    /// At or above `other` a bar ago, and below it now.
    pub fn crosses_below(&self, other: impl Into<Series>) -> Condition {
        Condition::new(ConditionKind::CrossesBelow(self.clone(), other.into()))
    }
}

impl Summarised for Series {
    fn summary(&self) -> &Summary {
        &self.0.summary
    }
}

impl From<PositionFigure> for Series {
    fn from(figure: PositionFigure) -> Self {
        Self::new(SeriesKind::Position(figure))
    }
}

impl From<f64> for Series {
    fn from(value: f64) -> Self {
        Self::constant(value)
    }
}

impl From<&Series> for Series {
    fn from(series: &Series) -> Self {
        series.clone()
    }
}

macro_rules! arithmetic {
    ($($trait:ident $method:ident $operator:ident),*) => {$(
        impl<T: Into<Series>> ops::$trait<T> for Series {
            type Output = Series;
            fn $method(self, other: T) -> Series {
                self.binary(Binary::$operator, other)
            }
        }
        impl<T: Into<Series>> ops::$trait<T> for &Series {
            type Output = Series;
            fn $method(self, other: T) -> Series {
                self.binary(Binary::$operator, other)
            }
        }
    )*};
}
arithmetic!(Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide, Rem rem Remainder);

impl ops::Neg for Series {
    type Output = Series;
    fn neg(self) -> Series {
        self.unary(Unary::Negate)
    }
}

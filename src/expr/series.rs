//! Series: a number a bar.

use std::ops;
use std::sync::Arc;

use crate::error::Origin;
use crate::expr::{BarsRef, Binary, Call, Comparison, Condition, ConditionKind, Unary};
use crate::time::Timeframe;

/// One number a bar, NaN where it is not (yet) known.
#[derive(Clone, Debug)]
pub struct Series(Arc<Located>);

#[derive(Debug)]
struct Located {
    kind: SeriesKind,
    bars: Option<BarsRef>,
    depth: usize,
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
}

impl Series {
    /// A series made of `kind`.
    pub fn new(kind: SeriesKind) -> Self {
        let (bars, depth) = match &kind {
            SeriesKind::Constant(_) => (None, 0),
            SeriesKind::Column(bars, _) => (Some(bars.clone()), 0),
            SeriesKind::Unary(_, a) | SeriesKind::Shift(a, _) => (a.bars().cloned(), a.depth()),
            SeriesKind::Binary(_, a, b) => (BarsRef::leading(a.bars(), b.bars()).cloned(), a.depth().max(b.depth())),
            SeriesKind::Select(c, a, b) => {
                let bars = BarsRef::leading(c.bars(), BarsRef::leading(a.bars(), b.bars()));
                (bars.cloned(), c.depth().max(a.depth()).max(b.depth()))
            }
            SeriesKind::Output(call, output) => (call.bars(*output), call.depth()),
        };
        Self(Arc::new(Located { kind, bars, depth: depth.saturating_add(1), origin: None }))
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
                bars: self.0.bars.clone(),
                depth: self.0.depth,
                origin: Some(origin),
            })),
            _ => self,
        }
    }

    /// What it is made of.
    pub fn kind(&self) -> &SeriesKind {
        &self.0.kind
    }

    /// The bars that it has a value for each of; none for a constant.
    pub fn bars(&self) -> Option<&BarsRef> {
        self.0.bars.as_ref()
    }

    /// The timeframe of its bars; none for a constant.
    pub fn timeframe(&self) -> Option<Timeframe> {
        self.bars().map(|bars| bars.timeframe)
    }

    /// How many operators lie between it and its furthest leaf, through calls too.
    pub fn depth(&self) -> usize {
        self.0.depth
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

//! Bars that expressions read: whose, and at which timeframe.

use std::fmt;
use std::sync::Arc;

use crate::data::{Field, Instrument};
use crate::expr::{Series, SeriesKind};
use crate::time::Timeframe;

/// The bars at one timeframe, of the instrument that is traded or of another one.
///
/// Every series but a constant goes by some bars: it has a value for each of them. Bars order by who
/// leads where two meet: those of the traded instrument before others, the finer before the coarser.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BarsRef {
    /// Another instrument than the one that is traded.
    pub other: Option<Arc<Instrument>>,
    /// The interval.
    pub timeframe: Timeframe,
}

impl BarsRef {
    /// The bars of the traded instrument at `timeframe`.
    pub fn new(timeframe: Timeframe) -> Self {
        Self { other: None, timeframe }
    }

    /// The bars of one certain instrument at `timeframe`, whichever is traded.
    pub fn of(instrument: Instrument, timeframe: Timeframe) -> Self {
        Self { other: Some(Arc::new(instrument)), timeframe }
    }

    /// One of the five columns.
    pub fn field(&self, field: Field) -> Series {
        self.column(field.name())
    }

    /// A column by name: one of the five or an extra one of the file.
    pub fn column(&self, name: &str) -> Series {
        Series::new(SeriesKind::Column(self.clone(), name.into()))
    }

    /// The last price of each bar.
    pub fn close(&self) -> Series {
        self.field(Field::Close)
    }

    /// The bars that a value goes by which depends on two: the finer ones of the traded instrument;
    /// where neither is of the traded one, the finer, and of two equally fine ones the first.
    pub(super) fn leading<'a>(a: Option<&'a BarsRef>, b: Option<&'a BarsRef>) -> Option<&'a BarsRef> {
        let rank = |bars: &BarsRef| (bars.other.is_some(), bars.timeframe);
        match (a, b) {
            (Some(a), Some(b)) if rank(b) < rank(a) => Some(b),
            (a, b) => a.or(b),
        }
    }
}

impl From<Timeframe> for BarsRef {
    fn from(timeframe: Timeframe) -> Self {
        Self::new(timeframe)
    }
}

impl fmt::Display for BarsRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.other {
            Some(instrument) => f.pad(&format!("{} {instrument}", self.timeframe)),
            None => f.pad(&self.timeframe.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traded_instrument_leads_then_the_finer_bars_then_the_first() {
        let of = |symbol: &str, timeframe| BarsRef::of(format!("x/{symbol}").parse().unwrap(), timeframe);
        let (day, week) = (BarsRef::new(Timeframe::DAY), BarsRef::new(Timeframe::WEEK));
        let (a, b, weekly) = (of("A", Timeframe::DAY), of("B", Timeframe::DAY), of("A", Timeframe::WEEK));
        let leading = |a, b| BarsRef::leading(Some(a), Some(b));
        assert_eq!(leading(&a, &week), Some(&week));
        assert_eq!(leading(&week, &day), Some(&day));
        assert_eq!((leading(&a, &b), leading(&b, &a)), (Some(&a), Some(&b)));
        assert_eq!(leading(&weekly, &b), Some(&b));
        assert_eq!(BarsRef::leading(None, Some(&a)), Some(&a));
    }
}

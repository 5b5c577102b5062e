//! Rows that expressions read: of whose bars at which timeframe, or of which external series.

use std::fmt;
use std::sync::Arc;

use crate::data::{ExternalSource, Field, Instrument};
use crate::expr::{Series, SeriesKind};
use crate::time::Timeframe;

/// The bars at one timeframe, of the instrument that is traded or of another one; or the rows of an external
/// series.
///
/// Every series but a constant goes by some of them: it has a value for each. They order by who leads where
/// two meet: bars of the traded instrument before those of others, the finer before the coarser, and bars before
/// external series.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BarsRef {
    /// Those of the traded instrument, whichever it is.
    Traded(Timeframe),
    /// Those of a certain instrument, whichever is traded.
    Other(Arc<Instrument>, Timeframe),
    /// The finest that the strategy names, which the plan knows: where several external series meet, each is seen
    /// from there.
    Base,
    /// The rows of an external series, each from when on it could be known.
    External(Arc<ExternalSource>),
}

impl BarsRef {
    /// The bars of the traded instrument at `timeframe`.
    pub fn new(timeframe: Timeframe) -> Self {
        Self::Traded(timeframe)
    }

    /// The bars of one certain instrument at `timeframe`, whichever is traded.
    pub fn of(instrument: Instrument, timeframe: Timeframe) -> Self {
        Self::Other(Arc::new(instrument), timeframe)
    }

    /// The rows of an external series.
    pub fn external(source: ExternalSource) -> Self {
        Self::External(Arc::new(source))
    }

    /// The interval of the bars; none where they are not known yet, nor of an external series.
    pub fn timeframe(&self) -> Option<Timeframe> {
        match self {
            BarsRef::Traded(timeframe) | BarsRef::Other(_, timeframe) => Some(*timeframe),
            BarsRef::Base | BarsRef::External(_) => None,
        }
    }

    /// Another instrument than the one that is traded.
    pub fn other(&self) -> Option<&Instrument> {
        match self {
            BarsRef::Other(instrument, _) => Some(instrument),
            _ => None,
        }
    }

    /// The external series.
    pub fn source(&self) -> Option<&Arc<ExternalSource>> {
        match self {
            BarsRef::External(source) => Some(source),
            _ => None,
        }
    }

    /// Whether they are the traded instrument's.
    pub fn is_traded(&self) -> bool {
        matches!(self, BarsRef::Traded(_))
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
    /// where neither is of the traded one, the finer, and of two equally fine ones the first. Of two external series
    /// neither leads: a value that hangs on both changes with each.
    pub(super) fn leading(a: Option<&BarsRef>, b: Option<&BarsRef>) -> Option<BarsRef> {
        let rank = |bars: &BarsRef| match bars {
            BarsRef::Traded(timeframe) => (0, Some(*timeframe)),
            BarsRef::Other(_, timeframe) => (1, Some(*timeframe)),
            BarsRef::Base => (2, None),
            BarsRef::External(_) => (3, None),
        };
        match (a, b) {
            (Some(a @ BarsRef::External(_)), Some(b @ BarsRef::External(_))) if a != b => Some(BarsRef::Base),
            (Some(a), Some(b)) if rank(b) < rank(a) => Some(b.clone()),
            (a, b) => a.or(b).cloned(),
        }
    }

    /// The bars at which instruments are compared: an external series has no instants that they share.
    pub(super) fn compared(bars: Option<BarsRef>) -> Option<BarsRef> {
        bars.map(|bars| if bars.source().is_some() { BarsRef::Base } else { bars })
    }
}

impl From<Timeframe> for BarsRef {
    fn from(timeframe: Timeframe) -> Self {
        Self::new(timeframe)
    }
}

impl fmt::Display for BarsRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BarsRef::Traded(timeframe) => f.pad(&timeframe.to_string()),
            BarsRef::Other(instrument, timeframe) => f.pad(&format!("{timeframe} {instrument}")),
            BarsRef::Base => f.pad("base"),
            BarsRef::External(source) => f.pad(&source.to_string()),
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
        let leading = |a: &BarsRef, b: &BarsRef| BarsRef::leading(Some(a), Some(b)).unwrap();
        assert_eq!(leading(&a, &week), week);
        assert_eq!(leading(&week, &day), day);
        assert_eq!((leading(&a, &b), leading(&b, &a)), (a.clone(), b.clone()));
        assert_eq!(leading(&weekly, &b), b);
        assert_eq!(BarsRef::leading(None, Some(&a)), Some(a));
    }

    #[test]
    fn bars_lead_external_series_and_of_two_of_those_neither_does() {
        let external = |name: &str| BarsRef::external(name.parse().unwrap());
        let (cpi, rate, week) = (external("macro/cpi"), external("macro/rate"), BarsRef::new(Timeframe::WEEK));
        let leading = |a: &BarsRef, b: &BarsRef| BarsRef::leading(Some(a), Some(b)).unwrap();
        assert_eq!((leading(&cpi, &week), leading(&week, &cpi)), (week.clone(), week.clone()));
        assert_eq!(leading(&cpi, &cpi), cpi);
        assert_eq!(leading(&cpi, &rate), BarsRef::Base);
        assert_eq!((leading(&BarsRef::Base, &cpi), leading(&cpi, &BarsRef::Base)), (BarsRef::Base, BarsRef::Base));
        assert_eq!(leading(&BarsRef::Base, &week), week);
    }
}

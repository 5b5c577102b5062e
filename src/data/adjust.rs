//! Prices adjusted for splits and dividends.

use crate::data::{Bars, Field};

/// How prices are adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Adjust {
    /// For splits and dividends, where the data say how: open, high, low and close are all scaled
    /// by `adj_close / close`. Volume stays as it was traded. Bars without a column `adj_close`
    /// stay as they are.
    #[default]
    Total,
    /// Not at all: as traded.
    None,
}

impl Adjust {
    /// The bars with their prices adjusted. All four are scaled by the same operation, so that high
    /// stays the highest and low the lowest; the close is `adj_close` but for rounding.
    pub fn apply(self, bars: Bars) -> Bars {
        let Some(adjusted) = bars.column("adj_close").cloned().filter(|_| self == Adjust::Total) else {
            return bars;
        };
        let close = bars.field(Field::Close).clone();
        let factors: Vec<f64> = adjusted.iter().zip(close.iter()).map(|(adjusted, close)| adjusted / close).collect();
        bars.with_fields(|field, column| match field {
            Field::Volume => column.clone(),
            _ => column.iter().zip(&factors).map(|(price, factor)| price * factor).collect(),
        })
    }
}

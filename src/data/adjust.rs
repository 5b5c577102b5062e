//! Prices adjusted for splits and dividends.

use crate::data::{Bars, Column, Field};

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
    /// The bars with their prices adjusted; `adj_close` equals `close` then.
    pub fn apply(self, bars: Bars) -> Bars {
        let Some(adjusted) = bars.column("adj_close").cloned().filter(|_| self == Adjust::Total) else {
            return bars;
        };
        let close = bars.field(Field::Close).clone();
        bars.with_fields(|field, column| match field {
            Field::Volume => column.clone(),
            Field::Close => adjusted.clone(),
            Field::Open | Field::High | Field::Low => scaled(column, &adjusted, &close),
        })
    }
}

fn scaled(column: &Column, adjusted: &Column, close: &Column) -> Column {
    let factors = adjusted.iter().zip(close.iter()).map(|(adjusted, close)| adjusted / close);
    column.iter().zip(factors).map(|(price, factor)| price * factor).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Calendar, Timeframe};

    #[test]
    fn rounding_does_not_push_a_close_out_of_its_bar() {
        // AAPL on 2000-12-14, which closed at its low: 14.44 times 0.9278706298370101 / 14.44 is
        // more than 0.9278706298370100.
        let prices = [15.03, 15.25, 14.44, 14.44].map(|price| vec![price]);
        let [open, high, low, close] = prices;
        let bars = Bars::new(Timeframe::DAY, &Calendar::Weekdays, vec![0], [open, high, low, close, vec![1.0]]);
        let bars = bars.unwrap().with_column("adj_close", vec![0.927_870_629_837_01]).unwrap();
        let adjusted = Adjust::Total.apply(bars);
        let [low, close] = [Field::Low, Field::Close].map(|field| adjusted.field(field)[0]);
        assert_eq!(low, close);
        assert!((close - 0.927_870_629_837_01).abs() < 1e-15);
    }
}

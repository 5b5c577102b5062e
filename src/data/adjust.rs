//! Prices adjusted for splits and dividends.

use crate::data::actions::{DIVIDEND, SPLIT_FACTOR};
use crate::data::{Action, Bars, Column, Field};
use crate::error::{Diagnostic, Result};

/// The close of each bar, adjusted for splits and dividends.
const ADJUSTED: &str = "adj_close";

/// How prices are adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Adjust {
    /// For splits and dividends, where the data say how: open, high, low and close are all scaled
    /// by `adj_close / close`; where there is no column `adj_close`, by what `split_factor` and `dividend` make of
    /// it. Volume is scaled by `split_factor` alone, and stays as it was traded without. Bars that have none of the
    /// three stay as they are.
    #[default]
    Total,
    /// For splits alone, by `split_factor`: prices, volume, and `dividend`, which stays to be paid.
    Splits,
    /// Not at all: as traded.
    None,
}

impl Adjust {
    /// The bars with their prices adjusted. All four are scaled by the same operation, so that high
    /// stays the highest and low the lowest; the close is `adj_close` but for rounding. The columns of what the
    /// prices are adjusted for are gone: [`Bars::actions`] of the result are those still to come about.
    ///
    /// # Errors
    /// Where bars without a column `split_factor` are to be adjusted for splits; as [`Bars::actions`]; where a
    /// dividend is as much as the close before it.
    pub fn apply(self, bars: Bars) -> Result<Bars> {
        let actions = bars.actions()?;
        match self {
            Adjust::None => Ok(bars),
            Adjust::Splits if bars.column(SPLIT_FACTOR).is_none() => {
                Err(Diagnostic::new("prices cannot be adjusted for splits: there is no column `split_factor`").hint(
                    "add it: new shares for one old on the first bar that trades them, 1 on every other; or set \
                     adjust: \"total\", which adj_close serves, or \"none\"",
                ))
            }
            Adjust::Splits => Ok(bars.clone().divided(&splits_after(&bars, &actions))?.without_column(SPLIT_FACTOR)),
            Adjust::Total => total(bars, &actions),
        }
    }
}

fn total(bars: Bars, actions: &[Action]) -> Result<Bars> {
    let close = bars.field(Field::Close).clone();
    let factors: Vec<f64> = match bars.column(ADJUSTED) {
        Some(adjusted) => adjusted.iter().zip(close.iter()).map(|(adjusted, close)| adjusted / close).collect(),
        None if bars.column(SPLIT_FACTOR).is_none() && bars.column(DIVIDEND).is_none() => return Ok(bars),
        None => factors(&bars, actions)?,
    };
    let splits = splits_after(&bars, actions);
    let scaled = |column: &Column, factors: &[f64]| column.iter().zip(factors).map(|(value, by)| value * by).collect();
    let bars = bars.with_fields(|field, column| match field {
        Field::Volume => scaled(column, &splits),
        _ => scaled(column, &factors),
    });
    let bars = match bars.column(ADJUSTED) {
        Some(_) => bars,
        // So that it shows that they are.
        None => {
            let adjusted = bars.field(Field::Close).clone();
            bars.with_column(ADJUSTED, adjusted)?
        }
    };
    Ok(bars.without_column(SPLIT_FACTOR).without_column(DIVIDEND))
}

/// How many shares one of each bar is after all splits that follow.
fn splits_after(bars: &Bars, actions: &[Action]) -> Vec<f64> {
    backwards(bars.len(), actions, |action| Ok::<f64, Diagnostic>(action.split)).unwrap_or_default()
}

/// What a price of each bar is to be multiplied by: on the bar before a split by one over its factor, and by what a
/// dividend leaves of the last close that still had it. Source: the multipliers of Yahoo's adjusted closes, which
/// follow CRSP's.
fn factors(bars: &Bars, actions: &[Action]) -> Result<Vec<f64>> {
    let close = bars.field(Field::Close);
    backwards(bars.len(), actions, |&Action { bar, split, dividend }| {
        // Of what the first bar pays, nothing is in a price.
        let Some(before) = bar.checked_sub(1).map(|bar| close[bar]) else { return Ok(1.0) };
        let left = 1.0 - dividend * split / before;
        if left > 0.0 {
            return Ok(left / split);
        }
        let time = bars.timestamp(bar);
        Err(Diagnostic::new(format!(
            "the dividend of {dividend} at {time} is as much as the close before it, {before}"
        ))
        .hint("correct the data: a dividend is cash for one share"))
    })
}

/// For each bar, the product of what the actions after it come to.
fn backwards<E>(bars: usize, actions: &[Action], of: impl Fn(&Action) -> Result<f64, E>) -> Result<Vec<f64>, E> {
    let mut products = vec![1.0; bars];
    let (mut product, mut end) = (1.0, bars);
    for action in actions.iter().rev() {
        products[action.bar..end].fill(product);
        product *= of(action)?;
        end = action.bar;
    }
    products[..end].fill(product);
    Ok(products)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Calendar, Timeframe, Timestamp};

    fn bars(close: &[f64]) -> Bars {
        let days = (0..close.len() as i64).map(|day| day * Timestamp::DAY).collect();
        let fields = [close, close, close, close, &vec![100.0; close.len()][..]].map(<[f64]>::to_vec);
        Bars::new(Timeframe::DAY, &Calendar::Continuous, days, fields).unwrap()
    }

    #[test]
    fn rounding_does_not_push_a_close_out_of_its_bar() {
        // AAPL on 2000-12-14, which closed at its low: 14.44 times 0.9278706298370101 / 14.44 is
        // more than 0.9278706298370100.
        let prices = [15.03, 15.25, 14.44, 14.44].map(|price| vec![price]);
        let [open, high, low, close] = prices;
        let bars = Bars::new(Timeframe::DAY, &Calendar::Weekdays, vec![0], [open, high, low, close, vec![1.0]]);
        let bars = bars.unwrap().with_column("adj_close", vec![0.927_870_629_837_01]).unwrap();
        let adjusted = Adjust::Total.apply(bars).unwrap();
        let [low, close] = [Field::Low, Field::Close].map(|field| adjusted.field(field)[0]);
        assert_eq!(low, close);
        assert!((close - 0.927_870_629_837_01).abs() < 1e-15);
    }

    #[test]
    fn a_split_and_a_dividend_by_hand() {
        // 100, then two for one: 50; a dividend of 5 on 50 leaves 45; one for three: 135; on the last day both.
        let as_traded = bars(&[100.0, 50.0, 45.0, 135.0, 60.0])
            .with_column("split_factor", vec![1.0, 2.0, 1.0, 1.0 / 3.0, 2.0])
            .unwrap()
            .with_column("dividend", vec![0.0, 0.0, 5.0, 0.0, 7.5])
            .unwrap();
        let near = |found: &Column, expected: [f64; 5]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{found:?}");
        };
        let total = Adjust::Total.apply(as_traded.clone()).unwrap();
        // Two new shares of 60 and twice 7.5 are the 135 of one old: nothing was ever earned.
        near(total.field(Field::Close), [60.0; 5]);
        near(total.field(Field::Volume), [400.0 / 3.0, 200.0 / 3.0, 200.0 / 3.0, 200.0, 100.0]);
        assert!(total.column("dividend").is_none() && total.column("split_factor").is_none());
        assert_eq!(Adjust::Total.apply(total.clone()).unwrap(), total, "adjusted once is enough");
        let splits = Adjust::Splits.apply(as_traded.clone()).unwrap();
        near(splits.field(Field::Close), [75.0, 75.0, 67.5, 67.5, 60.0]);
        let paid: Vec<(usize, f64)> =
            splits.actions().unwrap().iter().map(|action| (action.bar, action.dividend)).collect();
        assert_eq!(paid, [(2, 7.5), (4, 7.5)]);
        assert_eq!(Adjust::None.apply(as_traded.clone()).unwrap(), as_traded);
    }

    #[test]
    fn what_cannot_be_adjusted_is_said() {
        let message = |bars: Bars, adjust: Adjust| adjust.apply(bars).unwrap_err().message().to_owned();
        let with = |name: &str, values: [f64; 2]| bars(&[10.0, 9.0]).with_column(name, values.to_vec()).unwrap();
        assert!(message(bars(&[10.0]), Adjust::Splits).contains("no column `split_factor`"));
        assert_eq!(message(with("split_factor", [1.0, 0.0]), Adjust::None), "split_factor is 0 at 1970-01-02");
        assert_eq!(message(with("split_factor", [1.0, f64::NAN]), Adjust::Total), "split_factor is NaN at 1970-01-02");
        assert_eq!(message(with("dividend", [0.0, -1.0]), Adjust::Total), "dividend is -1 at 1970-01-02");
        assert!(message(with("dividend", [0.0, 10.0]), Adjust::Total).contains("as much as the close before it, 10"));
        assert_eq!(Adjust::Total.apply(bars(&[10.0])).unwrap(), bars(&[10.0]));
    }
}

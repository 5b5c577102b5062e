//! Corporate actions: splits and dividends as columns beside prices that are as traded.

use std::ops::Range;

use crate::data::{Bars, Column, Field};
use crate::error::{Diagnostic, Result};

/// New shares for one old, on the first bar that trades them; 1 on every other.
pub(crate) const SPLIT_FACTOR: &str = "split_factor";
/// Cash for a share, as it trades on the first bar without the claim to it; 0 on every other.
pub(in crate::data) const DIVIDEND: &str = "dividend";

/// What happens to the shares of an instrument as a bar opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Action {
    /// The bar.
    pub bar: usize,
    /// New shares for one old; 1 where none are given out.
    pub split: f64,
    /// Cash for a share, one of the new ones; 0 where none is paid.
    pub dividend: f64,
}

impl Bars {
    /// The splits and dividends that the bars' prices are not adjusted for, in order: what the columns
    /// `split_factor` (new shares for one old on the first bar that trades them, 1 elsewhere) and `dividend` (cash
    /// for a share on the first bar that trades without it, 0 elsewhere) say. None where there are no such columns.
    ///
    /// # Errors
    /// Where a factor is not above zero, a dividend is below zero, or either is no number.
    pub fn actions(&self) -> Result<Vec<Action>> {
        let (splits, dividends) = (self.column(SPLIT_FACTOR), self.column(DIVIDEND));
        let at = |column: Option<&Column>, bar: usize, none: f64| column.map_or(none, |column| column[bar]);
        let mut actions = Vec::new();
        if splits.is_none() && dividends.is_none() {
            return Ok(actions);
        }
        for bar in 0..self.len() {
            let (split, dividend) = (at(splits, bar, 1.0), at(dividends, bar, 0.0));
            if !(split > 0.0 && split.is_finite()) {
                return Err(Diagnostic::new(format!("{SPLIT_FACTOR} is {split} at {}", self.timestamp(bar))).hint(
                    "it is new shares for one old: 2 where two are given for one, and 1 on bars without a split",
                ));
            }
            if !(dividend >= 0.0 && dividend.is_finite()) {
                return Err(Diagnostic::new(format!("{DIVIDEND} is {dividend} at {}", self.timestamp(bar)))
                    .hint("it is cash for a share on the first bar that trades without it, and 0 on other bars"));
            }
            if split != 1.0 || dividend != 0.0 {
                actions.push(Action { bar, split, dividend });
            }
        }
        Ok(actions)
    }

    /// By how much a price of each bar is to be divided to be one of the shares after the splits that follow in
    /// its stretch of bars. None where none falls behind the first bar of a stretch.
    fn later_splits(&self, stretches: impl Iterator<Item = Range<usize>>) -> Result<Option<Vec<f64>>> {
        let actions = self.actions()?;
        if actions.iter().all(|action| action.split == 1.0) {
            return Ok(None);
        }
        let mut divisors = vec![1.0; self.len()];
        for stretch in stretches {
            let inside = |action: &&Action| stretch.start < action.bar && action.bar < stretch.end;
            let first = actions.partition_point(|action| action.bar <= stretch.start);
            for Action { bar, split, .. } in actions[first..].iter().take_while(inside) {
                divisors[stretch.start..*bar].iter_mut().for_each(|divisor| *divisor *= split);
            }
        }
        Ok(divisors.iter().any(|divisor| *divisor != 1.0).then_some(divisors))
    }

    /// The bars of each stretch in shares of its last bar, so that no stretch mixes prices of old shares with
    /// those of new ones.
    pub(in crate::data) fn in_last_shares(&self, stretches: impl Iterator<Item = Range<usize>>) -> Result<Self> {
        match self.later_splits(stretches)? {
            Some(divisors) => self.clone().divided(&divisors),
            None => Ok(self.clone()),
        }
    }

    /// Prices and dividends divided, volume multiplied.
    pub(in crate::data) fn divided(self, divisors: &[f64]) -> Result<Self> {
        let by = |column: &Column, change: fn(f64, f64) -> f64| -> Column {
            column.iter().zip(divisors).map(|(value, divisor)| change(*value, *divisor)).collect()
        };
        let dividend = self.column(DIVIDEND).map(|column| by(column, |value, divisor| value / divisor));
        let bars = self.with_fields(|field, column| match field {
            Field::Volume => by(column, |value, divisor| value * divisor),
            _ => by(column, |value, divisor| value / divisor),
        });
        dividend.into_iter().try_fold(bars, |bars, column| bars.with_column(DIVIDEND, column))
    }
}

/// What of a column beside the five a bar has that is made of others: the last value, but for splits, which
/// multiply, and dividends, which add up.
pub(in crate::data) fn combined(name: &str, values: &[f64]) -> f64 {
    match name {
        SPLIT_FACTOR => values.iter().product(),
        DIVIDEND => values.iter().sum(),
        _ => values.last().copied().unwrap_or(f64::NAN),
    }
}

//! A fast average beside a slow one: `macd` and its relatives.

use crate::error::Result;
use crate::expr::Arguments;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::window::Smoothing;

/// A fast and a slow average of one series.
pub trait FastAndSlow: Clone + Send {
    /// Takes the next value and gives the fast and the slow average; NaN before both have begun.
    fn both(&mut self, value: f64) -> [f64; 2];
}

impl FastAndSlow for Smoothing<2> {
    #[inline(always)]
    fn both(&mut self, value: f64) -> [f64; 2] {
        self.next([value; 2])
    }
}

/// Two averages of kinds that were chosen when they were made.
#[derive(Clone)]
pub struct Pair {
    /// How many bars the fast average sits out.
    wait: usize,
    fast: MovingAverage,
    slow: MovingAverage,
}

impl FastAndSlow for Pair {
    #[inline(always)]
    fn both(&mut self, value: f64) -> [f64; 2] {
        let slow = self.slow.next(value);
        if self.wait > 0 {
            self.wait -= 1;
            return [f64::NAN; 2];
        }
        [self.fast.next(value), slow]
    }
}

/// A period in bars and a kind of average.
pub type Choice = (usize, AverageKind);

impl Pair {
    /// Averages of any kinds that have their first value on the same bar; the one with the shorter
    /// period is the fast one.
    pub fn together(one: Choice, other: Choice) -> Self {
        let [fast, slow] = fast_and_slow(one, other);
        let lookback = |(length, kind): Choice| kind.lookback(length);
        Self { wait: lookback(slow).saturating_sub(lookback(fast)), ..Self::apart(one, other) }
    }

    /// As `together`, but each average begins on the first bar that it can.
    pub fn apart(one: Choice, other: Choice) -> Self {
        let [fast, slow] = fast_and_slow(one, other);
        Self { wait: 0, fast: MovingAverage::new(fast.1, fast.0), slow: MovingAverage::new(slow.1, slow.0) }
    }
}

fn fast_and_slow(one: Choice, other: Choice) -> [Choice; 2] {
    if one.0 > other.0 { [other, one] } else { [one, other] }
}

/// How many bars pass before both have a value.
pub fn lookback(one: Choice, other: Choice) -> usize {
    one.1.lookback(one.0).max(other.1.lookback(other.0))
}

/// `fastperiod` and `slowperiod`, both of the kind `matype`.
///
/// # Errors
/// Where the arguments have none of those names.
pub fn periods(arguments: &Arguments) -> Result<[Choice; 2]> {
    let kind = AverageKind::of(arguments, "matype")?;
    Ok([(arguments.length("fastperiod")?, kind), (arguments.length("slowperiod")?, kind)])
}

//! `ppo`: the percentage price oscillator.

use crate::error::Result;
use crate::expr::Arguments;
use crate::indicators::average::{Average, AverageKind};
use crate::indicators::momentum::difference::{FastAndSlow, Pair, lookback, periods};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ppo",
        family: "momentum",
        doc: "Percentage price oscillator: a fast average less a slow one, in percent of the slow one.",
        formula: "100 * (ma(close, fastperiod) - ma(close, slowperiod)) / ma(close, slowperiod), 0 where the divisor is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("fastperiod", 12, 2, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 26, 2, "The period of the slow average, in bars."),
            AverageKind::parameter("matype", AverageKind::Exponential, "The kind of both averages."),
        ],
        outputs: &["ppo"],
        example: "ppo(close, 12, 26) > 0",
        source: "TA-Lib's PPO.",
    },
    lookback: PercentageOscillator::lookback,
    machine: |arguments| Ok(Box::new(PercentageOscillator::new(arguments)?)),
};

/// How much larger a fast average is than a slow one, in percent.
#[derive(Clone)]
pub struct PercentageOscillator(Pair);

impl PercentageOscillator {
    /// Of `fastperiod`, `slowperiod` and `matype`.
    ///
    /// # Errors
    /// Where the arguments have none of those names.
    pub fn new(arguments: &Arguments) -> Result<Self> {
        let [fast, slow] = periods(arguments)?;
        Ok(Self(Pair::apart(fast, slow)))
    }

    /// How many bars pass before its first value.
    ///
    /// # Errors
    /// As [`PercentageOscillator::new`].
    pub fn lookback(arguments: &Arguments) -> Result<usize> {
        let [fast, slow] = periods(arguments)?;
        Ok(lookback(fast, slow))
    }
}

impl Average for PercentageOscillator {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let [fast, slow] = self.0.both(value);
        if slow == 0.0 { 0.0 } else { 100.0 * (fast - slow) / slow }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn each_average_begins_when_it_can() {
        // slow over 3: -, -, 3, 4, 6; fast over 2: -, 1.5, 4.5, 29/6, 125/18
        let parameters = [("fastperiod", 2.into()), ("slowperiod", 3.into())];
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 5.0, 8.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 50.0, 125.0 / 6.0, 850.0 / 54.0]);
    }
}

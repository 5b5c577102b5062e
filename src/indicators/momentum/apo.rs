//! `apo`: the absolute price oscillator.

use crate::indicators::average::{Average, AverageKind};
use crate::indicators::momentum::difference::{FastAndSlow, Pair, lookback, periods};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "apo",
        family: "momentum",
        doc: "Absolute price oscillator: a fast average less a slow one, in price units.",
        formula: "ma(close, fastperiod) - ma(close, slowperiod); the larger period is the slow one",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("fastperiod", 12, 2, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 26, 2, "The period of the slow average, in bars."),
            AverageKind::parameter("matype", AverageKind::Exponential, "The kind of both averages."),
        ],
        outputs: &["apo"],
        example: "apo(close, 12, 26) > 0",
        source: "TA-Lib's APO.",
    },
    lookback: |arguments| {
        let [fast, slow] = periods(arguments)?;
        Ok(lookback(fast, slow))
    },
    machine: |arguments| {
        let [fast, slow] = periods(arguments)?;
        Ok(Box::new(AbsoluteOscillator(Pair::apart(fast, slow))))
    },
};

#[derive(Clone)]
struct AbsoluteOscillator(Pair);

impl Average for AbsoluteOscillator {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let [fast, slow] = self.0.both(value);
        fast - slow
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
        assert_close(&values[0], &[NAN, NAN, 1.5, 5.0 / 6.0, 17.0 / 18.0]);
    }
}

//! `rma`: Wilder's moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rma",
        family: "overlap",
        doc: "Wilder's moving average, which rsi, atr and adx are smoothed with.",
        formula: "rma = (rma[1] * (timeperiod - 1) + close) / timeperiod; \
                  the first value is the mean of the first timeperiod values",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "The inverse of the weight of a new value, in bars.")],
        outputs: &["rma"],
        example: "rma(close, 14)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's RMA.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Rma::new(arguments.length("timeperiod")?))),
};

/// Wilder's average: an exponential one whose new value weighs 1 / length.
#[derive(Clone)]
pub struct Rma(Ema);

impl Rma {
    pub fn new(length: usize) -> Self {
        Self(Ema::weighing(length, 1.0 / length as f64))
    }
}

impl Average for Rma {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.next(value)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn begins_as_the_mean_and_then_takes_a_third_of_each_value() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 6.0, 10.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 3.0, 4.0, 6.0]);
    }
}

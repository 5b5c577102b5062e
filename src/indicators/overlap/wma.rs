//! `wma`: the weighted moving average.

use crate::indicators::average::Average;
use crate::indicators::window::{LinearWeights, Weighted};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "wma",
        family: "overlap",
        doc: "Weighted moving average: the oldest value weighs 1, the next 2, the newest timeperiod.",
        formula: "sum(weight * close) / sum(weight)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "How many bars are averaged.")],
        outputs: &["wma"],
        example: "wma(close, 20)",
        source: "TA-Lib's WMA.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Wma::new(arguments.length("timeperiod")?))),
};

/// The mean of the last values, the newer the heavier.
#[derive(Clone)]
pub struct Wma(Weighted);

impl Wma {
    pub fn new(length: usize) -> Self {
        let count = length.max(1) as f64;
        let divisor = count * (count + 1.0) / 2.0;
        Self(Weighted::new(length, LinearWeights { first: 0.0, step: 1.0, divisor, total: 1.0 }))
    }
}

impl Average for Wma {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn the_newest_weighs_most() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 4.0, 5.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 23.0 / 6.0, 26.0 / 6.0, 29.0 / 6.0]);
    }
}

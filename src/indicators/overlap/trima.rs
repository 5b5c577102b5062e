//! `trima`: the triangular moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "trima",
        family: "overlap",
        doc: "Triangular moving average: the middle of the window weighs most.",
        formula: "sma(sma(close, timeperiod / 2 rounded up), timeperiod / 2 rounded down + 1)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "How many bars are averaged.")],
        outputs: &["trima"],
        example: "trima(close, 20)",
        source: "TA-Lib's TRIMA.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Trima::new(arguments.length("timeperiod")?))),
};

/// Two averages in a row whose windows add up to one more than `length`.
#[derive(Clone)]
pub struct Trima {
    first: Sma,
    second: Sma,
}

impl Trima {
    pub fn new(length: usize) -> Self {
        Self { first: Sma::new(length.div_ceil(2)), second: Sma::new(length / 2 + 1) }
    }
}

impl Average for Trima {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let first = self.first.next(value);
        self.second.follow(first)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn weighs_1_2_2_1_and_1_2_3_2_1() {
        let series = [1.0, 10.0, 100.0, 1000.0, 10000.0];
        let even = run(&NODE, &[&series], &[("timeperiod", 4.into())]);
        assert_close(&even[0], &[NAN, NAN, NAN, 1221.0 / 6.0, 12210.0 / 6.0]);
        let odd = run(&NODE, &[&series], &[("timeperiod", 5.into())]);
        assert_close(&odd[0], &[NAN, NAN, NAN, NAN, 12321.0 / 9.0]);
    }
}

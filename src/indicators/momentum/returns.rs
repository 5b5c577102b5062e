//! `returns`: the relative change.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "returns",
        family: "momentum",
        doc: "Return over so many bars, as a fraction: 0.01 is one percent.",
        formula: "close / close[timeperiod] - 1; not known where close[timeperiod] is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 1, 1, "How many bars the return spans.")],
        outputs: &["returns"],
        example: "stddev(returns(close), 20)",
        source: "The simple return of any textbook; close to TA-Lib's ROCP.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Returns(Lag::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Returns(Lag);

impl Average for Returns {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        value / self.0.push(value) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_a_fraction_and_unknown_after_0() {
        let values = run(&NODE, &[&[10.0, 12.0, 0.0, 3.0, 0.0, 0.0]], &[]);
        assert_close(&values[0], &[NAN, 0.2, -1.0, NAN, -1.0, NAN]);
    }
}

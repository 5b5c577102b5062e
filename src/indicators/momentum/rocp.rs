//! `rocp`: the rate of change as a fraction.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rocp",
        family: "momentum",
        doc: "Rate of change as a fraction: 0.01 is one percent.",
        formula: "(close - close[timeperiod]) / close[timeperiod]; 0 where close[timeperiod] is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 1, "How many bars the change goes back.")],
        outputs: &["rocp"],
        example: "rocp(close, 10)",
        source: "TA-Lib's ROCP.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Fraction(Lag::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Fraction(Lag);

impl Average for Fraction {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let earlier = self.0.push(value);
        if earlier == 0.0 { 0.0 } else { (value - earlier) / earlier }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_with_the_bar_so_many_bars_ago() {
        let values = run(&NODE, &[&[10.0, 0.0, 12.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 0.2, 0.0]);
    }
}

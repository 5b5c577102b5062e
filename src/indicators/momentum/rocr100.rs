//! `rocr100`: the rate of change as a ratio times 100.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rocr100",
        family: "momentum",
        doc: "Rate of change as a ratio times 100: 101 is a rise of one percent.",
        formula: "close / close[timeperiod] * 100; 0 where close[timeperiod] is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 1, "How many bars the change goes back.")],
        outputs: &["rocr100"],
        example: "rocr100(close, 10)",
        source: "TA-Lib's ROCR100.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Ratio(Lag::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Ratio(Lag);

impl Average for Ratio {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let earlier = self.0.push(value);
        if earlier == 0.0 { 0.0 } else { value / earlier * 100.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_with_the_bar_so_many_bars_ago() {
        let values = run(&NODE, &[&[10.0, 0.0, 12.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 120.0, 0.0]);
    }
}

//! `rocr`: the rate of change as a ratio.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rocr",
        family: "momentum",
        doc: "Rate of change as a ratio: 1.01 is a rise of one percent.",
        formula: "close / close[timeperiod]; 0 where close[timeperiod] is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 1, "How many bars the change goes back.")],
        outputs: &["rocr"],
        example: "rocr(close, 10)",
        source: "TA-Lib's ROCR.",
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
        if earlier == 0.0 { 0.0 } else { value / earlier }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_with_the_bar_so_many_bars_ago() {
        let values = run(&NODE, &[&[10.0, 0.0, 12.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 1.2, 0.0]);
    }
}

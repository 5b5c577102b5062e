//! `mom`: momentum as a difference.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "mom",
        family: "momentum",
        doc: "Momentum: the change over so many bars, in price units.",
        formula: "close - close[timeperiod]",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 1, "How many bars the change goes back.")],
        outputs: &["mom"],
        example: "mom(close, 10)",
        source: "TA-Lib's MOM.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Momentum(Lag::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Momentum(Lag);

impl Average for Momentum {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let earlier = self.0.push(value);
        value - earlier
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_with_the_bar_so_many_bars_ago() {
        let values = run(&NODE, &[&[10.0, 0.0, 12.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.0, 3.0]);
    }
}

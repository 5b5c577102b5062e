//! `roc`: the rate of change.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "roc",
        family: "momentum",
        doc: "Rate of change in percent.",
        formula: "(close / close[timeperiod] - 1) * 100; 0 where close[timeperiod] is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 1, "How many bars the change goes back.")],
        outputs: &["roc"],
        example: "roc(close, 10) > 0",
        source: "TA-Lib's ROC.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Roc::new(arguments.length("timeperiod")?))),
};

/// The change over so many bars, in percent.
#[derive(Clone)]
pub struct Roc(Lag);

impl Roc {
    pub fn new(length: usize) -> Self {
        Self(Lag::new(length))
    }
}

impl Average for Roc {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let earlier = self.0.push(value);
        if earlier == 0.0 { 0.0 } else { (value / earlier - 1.0) * 100.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_in_percent_and_0_after_0() {
        let values = run(&NODE, &[&[10.0, 0.0, 12.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 20.0, 0.0]);
    }
}

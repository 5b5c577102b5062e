//! `linearreg_intercept`: the beginning of a straight line through a window.

use crate::indicators::average::Average;
use crate::indicators::statistic::line::height;
use crate::indicators::window::Weighted;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "linearreg_intercept",
        family: "statistic",
        doc: "Where the line of least squares through the last values stands on the first of their bars.",
        formula: "mean(close) - slope * mean(i)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars the line is laid through.")],
        outputs: &["linearreg_intercept"],
        example: "linearreg_intercept(close, 14)",
        source: "TA-Lib's LINEARREG_INTERCEPT.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Intercept(height(arguments.length("timeperiod")?, 0)))),
};

#[derive(Clone)]
struct Intercept(Weighted);

impl Average for Intercept {
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
    fn reads_the_line_through_three_points() {
        let values = run(&NODE, &[&[1.0, 5.0, 6.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 1.5]);
    }
}

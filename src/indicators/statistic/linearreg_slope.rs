//! `linearreg_slope`: the slope of a straight line through a window.

use crate::indicators::average::Average;
use crate::indicators::statistic::line::slope;
use crate::indicators::window::Weighted;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "linearreg_slope",
        family: "statistic",
        doc: "Slope of the line of least squares through the last values, in price units a bar.",
        formula: "sum((i - mean(i)) * (close - mean(close))) / sum((i - mean(i))²)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars the line is laid through.")],
        outputs: &["linearreg_slope"],
        example: "linearreg_slope(close, 14)",
        source: "TA-Lib's LINEARREG_SLOPE.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Slope(slope(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Slope(Weighted);

impl Average for Slope {
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
        assert_close(&values[0], &[NAN, NAN, 2.5]);
    }
}

//! `linearreg_angle`: the angle of a straight line through a window.

use crate::indicators::average::Average;
use crate::indicators::statistic::line::slope;
use crate::indicators::window::Weighted;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "linearreg_angle",
        family: "statistic",
        doc: "Angle of the line of least squares through the last values, in degrees; it depends on the unit of the price.",
        formula: "atan(slope)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars the line is laid through.")],
        outputs: &["linearreg_angle"],
        example: "linearreg_angle(close, 14)",
        source: "TA-Lib's LINEARREG_ANGLE.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Angle(slope(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Angle(Weighted);

impl Average for Angle {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).atan().to_degrees()
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn reads_the_line_through_three_points() {
        let values = run(&NODE, &[&[1.0, 5.0, 6.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.5_f64.atan().to_degrees()]);
    }
}

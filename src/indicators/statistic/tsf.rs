//! `tsf`: the time series forecast.

use crate::indicators::average::Average;
use crate::indicators::statistic::line::height;
use crate::indicators::window::Weighted;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "tsf",
        family: "statistic",
        doc: "Time series forecast: where the line of least squares through the last values will stand on the next bar.",
        formula: "intercept + slope * timeperiod",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars the line is laid through.")],
        outputs: &["tsf"],
        example: "tsf(close, 14)",
        source: "TA-Lib's TSF.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Forecast(height(length, length))))
    },
};

#[derive(Clone)]
struct Forecast(Weighted);

impl Average for Forecast {
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
        assert_close(&values[0], &[NAN, NAN, 9.0]);
    }
}

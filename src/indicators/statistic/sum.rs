//! `sum`: the sum of a window.

use crate::indicators::average::Average;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "sum",
        family: "statistic",
        doc: "Sum of the last values.",
        formula: "close + close[1] + … + close[timeperiod - 1]",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "How many bars are added up.")],
        outputs: &["sum"],
        example: "sum(day.volume, 5)",
        source: "TA-Lib's SUM.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Total(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Total(Sliding<Sum>);

impl Average for Total {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, |sum| sum.0)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn adds_the_window_up() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 3.0, 8.0, 10.0]);
    }
}

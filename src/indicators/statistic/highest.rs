//! `highest`: the highest value of a window.

use crate::indicators::average::Average;
use crate::indicators::window::{Max, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "highest",
        family: "statistic",
        doc: "The highest of the last values, this bar's included.",
        formula: "",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "How many bars are looked at.")],
        outputs: &["highest"],
        example: "close > highest(high, 20)[1]",
        source: "TA-Lib's MAX, whose name is that of the operator here.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Highest(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Highest(Sliding<Max>);

impl Average for Highest {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, |extreme| extreme.0)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn looks_at_the_window_alone() {
        let values = run(&NODE, &[&[5.0, 9.0, 3.0, 4.0, 4.0, 7.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 9.0, 9.0, 4.0, 7.0]);
    }
}

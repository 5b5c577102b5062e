//! `median`: the middle of a window.

use crate::indicators::average::Average;
use crate::indicators::window::{Sorted, quantile};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "median",
        family: "statistic",
        doc: "Median of the last values: as many lie above it as below. A bar costs O(log timeperiod) comparisons and a move in memory.",
        formula: "quantile(close, timeperiod, 0.5)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 20, 1, "How many bars are looked at.")],
        outputs: &["median"],
        example: "close > median(close, 20)",
        source: "The median of any textbook.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Median(Sorted::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Median(Sorted);

impl Average for Median {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, |sorted| quantile(sorted, 0.5))
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_middle_one_or_between_the_middle_two() {
        let series = [5.0, 1.0, 2.0, 10.0, 2.0];
        let odd = run(&NODE, &[&series], &[("timeperiod", 3.into())]);
        assert_close(&odd[0], &[NAN, NAN, 2.0, 2.0, 2.0]);
        let even = run(&NODE, &[&series], &[("timeperiod", 4.into())]);
        assert_close(&even[0], &[NAN, NAN, NAN, 3.5, 2.0]);
    }
}

//! `midpoint`: the middle of a window.

use crate::indicators::average::Average;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "midpoint",
        family: "overlap",
        doc: "Midpoint of the highest and the lowest of the last values.",
        formula: "(highest(close) + lowest(close)) / 2",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["midpoint"],
        example: "midpoint(close, 14)",
        source: "TA-Lib's MIDPOINT.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Midpoint(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Midpoint(Sliding<(Max, Min)>);

impl Average for Midpoint {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push((value, value)).map_or(f64::NAN, |(highest, lowest)| (highest.0 + lowest.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_halfway_between_the_extremes() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 4.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 3.5, 4.0]);
    }
}

//! `minmax`: the extremes of a window.

use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "minmax",
        family: "statistic",
        doc: "Lowest and highest of the last values.",
        formula: "min = lowest(close); max = highest(close)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "How many bars are looked at.")],
        outputs: &["min", "max"],
        example: "minmax(close, 20).max",
        source: "TA-Lib's MINMAX.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Extremes(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Extremes(Sliding<(Min, Max)>);

impl Machine for Extremes {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        self.0.push((value, value)).map_or([f64::NAN; 2], |(lowest, highest)| [lowest.0, highest.0])
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn are_the_lowest_and_the_highest() {
        let values = run(&NODE, &[&[1.0, 3.0, 2.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 1.0, 2.0]);
        assert_close(&values[1], &[NAN, 3.0, 3.0]);
    }
}

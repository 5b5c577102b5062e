//! `minindex`: where the lowest value of a window stands.

use crate::indicators::average::Average;
use crate::indicators::statistic::position::Position;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "minindex",
        family: "statistic",
        doc: "The number of the bar that the lowest of the last values came on, counted from 0 on the first bar that was seen.",
        formula: "bars on which close is not known do not count. Of several lowest values the newest is named, \
                  but the oldest where the one before has just left the window",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "How many bars are looked at.")],
        outputs: &["minindex"],
        example: "minindex(close, 20) > maxindex(close, 20)",
        source: "TA-Lib's MININDEX.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(LowestPosition(Position::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct LowestPosition(Position);

impl Average for LowestPosition {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.next(-value)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_bars_from_the_first() {
        let values = run(&NODE, &[&[5.0, 1.0, 3.0, 4.0, 2.0, 2.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 1.0, 1.0, 4.0, 5.0]);
    }
}

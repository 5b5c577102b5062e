//! `maxindex`: where the highest value of a window stands.

use crate::indicators::average::Average;
use crate::indicators::statistic::position::Position;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "maxindex",
        family: "statistic",
        doc: "The number of the bar that the highest of the last values came on, counted from 0 on the first bar that was seen.",
        formula: "bars on which close is not known do not count. Of several highest values the newest is named, \
                  but the oldest where the one before has just left the window",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "How many bars are looked at.")],
        outputs: &["maxindex"],
        example: "maxindex(close, 20) > minindex(close, 20)",
        source: "TA-Lib's MAXINDEX.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(HighestPosition(Position::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct HighestPosition(Position);

impl Average for HighestPosition {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.next(value)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_bars_from_the_first() {
        let values = run(&NODE, &[&[5.0, 9.0, NAN, 3.0, 4.0, 2.0, 7.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, 1.0, 1.0, 3.0, 5.0]);
    }

    #[test]
    fn of_several_it_names_the_newest_until_it_leaves_and_then_the_oldest() {
        let values = run(&NODE, &[&[5.0, 9.0, 3.0, 9.0, 4.0, 4.0, 4.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 1.0, 3.0, 3.0, 3.0, 4.0]);
    }
}

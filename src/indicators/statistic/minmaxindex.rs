//! `minmaxindex`: where the extremes of a window stand.

use crate::indicators::statistic::position::Position;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "minmaxindex",
        family: "statistic",
        doc: "The numbers of the bars that the lowest and the highest of the last values came on, counted from 0 on the first bar that was seen.",
        formula: "minidx = minindex(close); maxidx = maxindex(close)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "How many bars are looked at.")],
        outputs: &["minidx", "maxidx"],
        example: "minmaxindex(close, 20).maxidx - minmaxindex(close, 20).minidx",
        source: "TA-Lib's MINMAXINDEX.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Positions { lowest: Position::new(length), highest: Position::new(length) }))
    },
};

#[derive(Clone)]
struct Positions {
    lowest: Position,
    highest: Position,
}

impl Machine for Positions {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        [self.lowest.next(-value), self.highest.next(value)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn names_the_lowest_first() {
        let values = run(&NODE, &[&[1.0, 3.0, 2.0, 0.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 0.0, 2.0, 3.0]);
        assert_close(&values[1], &[NAN, 1.0, 1.0, 2.0]);
    }
}

//! `donchian`: Donchian channels.

use crate::data::Field;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "donchian",
        family: "overlap",
        doc: "Donchian channels: the highest high, the lowest low and their middle.",
        formula: "upperband = highest(high); lowerband = lowest(low); middleband = (upperband + lowerband) / 2",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 20, 2, "How many bars are looked at.")],
        outputs: &["upperband", "middleband", "lowerband"],
        example: "close > donchian(day, 20).upperband[1]",
        source: "Richard Donchian; TA-Lib's DONCHIAN.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Channels(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Channels(Sliding<(Max, Min)>);

impl Machine for Channels {
    type Input = [f64; 2];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 3] {
        match self.0.push((high, low)) {
            Some((Max(highest), Min(lowest))) => [highest, (highest + lowest) / 2.0, lowest],
            None => [f64::NAN; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn are_the_extremes_and_their_middle() {
        let values = run(&NODE, &[&[3.0, 5.0, 4.0], &[1.0, 2.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 5.0, 5.0]);
        assert_close(&values[1], &[NAN, 3.0, 3.5]);
        assert_close(&values[2], &[NAN, 1.0, 2.0]);
    }
}

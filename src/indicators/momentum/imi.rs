//! `imi`: the intraday momentum index.

use crate::data::Field;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "imi",
        family: "momentum",
        doc: "Intraday momentum index: the part of the bodies of the last bars that rose, 0 to 100.",
        formula: "100 * sum(close - open where positive) / sum(abs(close - open)); 0 where no bar has a body",
        inputs: Inputs::Bars(&[Field::Open, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["imi"],
        example: "imi(day, 14) > 70",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994; TA-Lib's IMI.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Intraday(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Intraday(Sliding<(Sum, Sum)>);

impl Machine for Intraday {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [open, close]: [f64; 2]) -> [f64; 1] {
        let body = close - open;
        [self
            .0
            .push((body.max(0.0), body.abs()))
            .map_or(f64::NAN, |(gains, all)| if all.0 == 0.0 { 0.0 } else { 100.0 * gains.0 / all.0 })]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_part_of_the_bodies_that_rose() {
        let values = run(&NODE, &[&[1.0, 3.0, 2.0, 2.0], &[4.0, 2.0, 2.0, 2.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 75.0, 0.0, 0.0]);
    }
}

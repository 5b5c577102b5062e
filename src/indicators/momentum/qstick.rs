//! `qstick`: the mean body.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "qstick",
        family: "momentum",
        doc: "Mean body of the last bars, in price units: positive where they rose on the whole.",
        formula: "sma(close - open, timeperiod)",
        inputs: Inputs::Bars(&[Field::Open, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 10, 1, "How many bars are averaged.")],
        outputs: &["qstick"],
        example: "qstick(day, 10) > 0",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994; TA-Lib's QSTICK.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Qstick(Sma::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Qstick(Sma);

impl Machine for Qstick {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [open, close]: [f64; 2]) -> [f64; 1] {
        [self.0.next(close - open)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_mean_of_the_bodies() {
        let values = run(&NODE, &[&[1.0, 5.0], &[4.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 1.0]);
    }
}

//! `eri`: the Elder ray index.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "eri",
        family: "momentum",
        doc: "Elder ray index: how far the high and the low are from an average of the close, in price units.",
        formula: "bullpower = high - ema(close); bearpower = low - ema(close)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 13, 1, "The period of the ema, in bars.")],
        outputs: &["bullpower", "bearpower"],
        example: "eri(day, 13).bearpower < 0",
        source: "Alexander Elder, Trading for a Living, 1993; TA-Lib's ERI.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Ray(Ema::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Ray(Ema);

impl Machine for Ray {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 2] {
        let average = self.0.next(close);
        [high - average, low - average]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn are_the_distances_from_the_average() {
        let values = run(&NODE, &[&[4.0, 5.0], &[1.0, 2.0], &[2.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 2.0]);
        assert_close(&values[1], &[NAN, -1.0]);
    }
}

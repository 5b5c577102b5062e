//! `aroon`: the age of the extremes.

use crate::data::Field;
use crate::indicators::momentum::extremes::Extremes;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "aroon",
        family: "momentum",
        doc: "Aroon: how recent the low and the high of the last bars are, 100 on this bar, 0 at the far end.",
        formula: "100 * (timeperiod - bars since the lowest low or the highest high of timeperiod + 1 bars) / timeperiod",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars back the extremes are looked for.")],
        outputs: &["aroondown", "aroonup"],
        example: "aroon(day, 14).aroonup > 70",
        source: "Tushar Chande, Stocks & Commodities, September 1995; TA-Lib's AROON.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Aroon(Extremes::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Aroon(Extremes);

impl Machine for Aroon {
    type Input = [f64; 2];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 2] {
        self.0.next(bar).unwrap_or([f64::NAN; 2])
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_from_the_latest_extreme() {
        let values = run(&NODE, &[&[9.0, 8.0, 9.0, 7.0], &[1.0, 2.0, 3.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 0.0, 0.0]);
        assert_close(&values[1], &[NAN, NAN, 100.0, 50.0]);
    }
}

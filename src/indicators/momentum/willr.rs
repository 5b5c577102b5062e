//! `willr`: Williams' %R.

use crate::data::Field;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "willr",
        family: "momentum",
        doc: "Williams' %R: where the close stands in the range, -100 at the lowest low, 0 at the highest high.",
        formula: "-100 * (highest(high) - close) / (highest(high) - lowest(low)); 0 where the range is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "The bars of the range.")],
        outputs: &["willr"],
        example: "willr(day, 14) < -80",
        source: "Larry Williams, 1973; TA-Lib's WILLR.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Williams(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Williams(Sliding<(Max, Min)>);

impl Machine for Williams {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        let Some((highest, lowest)) = self.0.push((high, low)) else {
            return [f64::NAN];
        };
        let range = highest.0 - lowest.0;
        [if range == 0.0 { 0.0 } else { -100.0 * (highest.0 - close) / range }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_place_in_the_range_from_the_top() {
        let values =
            run(&NODE, &[&[10.0, 12.0, 12.0], &[8.0, 9.0, 12.0], &[9.0, 11.0, 12.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, -25.0, 0.0]);
    }
}

//! `plus_di`: the directional indicator upwards.

use crate::data::Field;
use crate::indicators::momentum::directional::Directional;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "plus_di",
        family: "momentum",
        doc: "Directional indicator: movement upwards as a percentage of the true range.",
        formula: "100 * s(plus_dm) / s(trange), where s is Wilder's sum; 0 where the price has not moved",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 1, "The period of Wilder's sums, in bars.")],
        outputs: &["plus_di"],
        example: "plus_di(day, 14) > minus_di(day, 14)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's PLUS_DI.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(PlusDi(Directional::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct PlusDi(Directional);

impl Machine for PlusDi {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        [self.0.next(bar).map_or(f64::NAN, |indicators| indicators[0])]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_part_of_the_range() {
        // movement: up 2 of a range of 4, then down 4 of a range of 8; the first half of each sum stays
        let values =
            run(&NODE, &[&[10.0, 12.0, 11.0], &[8.0, 8.0, 4.0], &[9.0, 11.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 100.0 * 1.0 / (2.0 + 7.0)]);
    }
}

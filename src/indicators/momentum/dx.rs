//! `dx`: the directional movement index.

use crate::data::Field;
use crate::indicators::momentum::directional::{Directional, directional_index};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "dx",
        family: "momentum",
        doc: "Directional movement index: how lopsided movement up and down is, 0 to 100.",
        formula: "100 * abs(plus_di - minus_di) / (plus_di + minus_di); as on the last bar where both are 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "The period of Wilder's sums, in bars.")],
        outputs: &["dx"],
        example: "dx(day, 14)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's DX.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        Ok(Box::new(Dx { directional: Directional::new(arguments.length("timeperiod")?), value: 0.0 }))
    },
};

#[derive(Clone)]
struct Dx {
    directional: Directional,
    value: f64,
}

impl Machine for Dx {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        let Some(indicators) = self.directional.next(bar) else {
            return [f64::NAN];
        };
        self.value = directional_index(indicators).unwrap_or(self.value);
        [self.value]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_100_where_all_movement_is_one_way() {
        let values =
            run(&NODE, &[&[10.0, 12.0, 11.0], &[8.0, 9.0, 9.0], &[9.0, 11.0, 10.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 100.0]);
    }
}

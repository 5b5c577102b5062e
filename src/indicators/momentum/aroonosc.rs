//! `aroonosc`: the Aroon oscillator.

use crate::data::Field;
use crate::indicators::momentum::extremes::Extremes;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "aroonosc",
        family: "momentum",
        doc: "Aroon oscillator: aroonup less aroondown, -100 to 100.",
        formula: "aroonup - aroondown",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars back the extremes are looked for.")],
        outputs: &["aroonosc"],
        example: "aroonosc(day, 14) > 0",
        source: "Tushar Chande, Stocks & Commodities, September 1995; TA-Lib's AROONOSC.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(AroonOscillator(Extremes::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct AroonOscillator(Extremes);

impl Machine for AroonOscillator {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        [self.0.next(bar).map_or(f64::NAN, |[down, up]| up - down)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_difference() {
        let values = run(&NODE, &[&[9.0, 8.0, 9.0, 7.0], &[1.0, 2.0, 3.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 100.0, 50.0]);
    }
}

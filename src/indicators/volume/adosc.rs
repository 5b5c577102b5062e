//! `adosc`: the Chaikin oscillator.

use crate::data::Field;
use crate::indicators::overlap::Ema;
use crate::indicators::volume::flow::money_flow;
use crate::indicators::window::Smoothing;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "adosc",
        family: "volume",
        doc: "Chaikin oscillator: a fast ema of the accumulation/distribution line less a slow one.",
        formula: "ema(ad, fastperiod) - ema(ad, slowperiod), both begun at the first value of ad",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close, Field::Volume]),
        parameters: &[
            Parameter::length("fastperiod", 3, 2, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 10, 2, "The period of the slow average, in bars."),
        ],
        outputs: &["adosc"],
        example: "adosc(day) > 0",
        source: "Marc Chaikin; TA-Lib's ADOSC.",
    },
    lookback: |arguments| Ok(arguments.length("fastperiod")?.max(arguments.length("slowperiod")?) - 1),
    machine: |arguments| {
        let (fast, slow) = (arguments.length("fastperiod")?, arguments.length("slowperiod")?);
        let averages = Smoothing::together([1, 1], [fast, slow].map(Ema::weight));
        Ok(Box::new(Oscillator { line: 0.0, averages, wait: fast.max(slow) - 1 }))
    },
};

#[derive(Clone)]
struct Oscillator {
    line: f64,
    averages: Smoothing<2>,
    wait: usize,
}

impl Machine for Oscillator {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 4]) -> [f64; 1] {
        self.line += money_flow(bar);
        let [fast, slow] = self.averages.next([self.line; 2]);
        if self.wait > 0 {
            self.wait -= 1;
            return [f64::NAN];
        }
        [fast - slow]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_difference_of_two_averages_of_the_line() {
        // the line: 6, 4, 0; ema over 2: 6, 14/3, 14/9; over 3: 6, 5, 2.5
        let (high, low, close) = ([10.0; 3], [8.0, 6.0, 8.0], [10.0, 7.0, 8.0]);
        let parameters = [("fastperiod", 2.into()), ("slowperiod", 3.into())];
        let values = run(&NODE, &[&high, &low, &close, &[6.0, 4.0, 4.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 14.0 / 9.0 - 2.5]);
    }
}

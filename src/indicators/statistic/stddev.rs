//! `stddev`: the standard deviation of a window.

use crate::indicators::window::{Moments, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "stddev",
        family: "statistic",
        doc: "Standard deviation of the last values, times nbdev.",
        formula: "sqrt(mean((close - mean(close))²)) * nbdev: the population's, divided by timeperiod",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 5, 2, "How many bars are looked at."),
            Parameter::number("nbdev", 1.0, f64::MIN, f64::MAX, "What the deviation is multiplied with."),
        ],
        outputs: &["stddev"],
        example: "stddev(returns(close), 20)",
        source: "TA-Lib's STDDEV.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let window = Sliding::new(arguments.length("timeperiod")?);
        Ok(Box::new(Deviation { window, factor: arguments.number("nbdev")? }))
    },
};

#[derive(Clone)]
struct Deviation {
    window: Sliding<Moments>,
    factor: f64,
}

impl Machine for Deviation {
    type Input = [f64; 1];
    type Output = [f64; 1];
    const FINISHES: bool = true;

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        let length = self.window.length();
        [self.window.slide(value).variance(length)]
    }

    #[inline(always)]
    fn finish(&self, [variance]: [f64; 1]) -> [f64; 1] {
        [variance.sqrt() * self.factor]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_populations() {
        let values = run(&NODE, &[&[1.0, 3.0, 3.0, 9.0]], &[("timeperiod", 2.into()), ("nbdev", 2.into())]);
        assert_close(&values[0], &[NAN, 2.0, 0.0, 6.0]);
    }

    #[test]
    fn keeps_its_digits_far_from_zero() {
        let values = run(&NODE, &[&[1e9, 1e9 + 1.0, 1e9, 1e9 + 1.0, 1e9 + 1.0]], &[("timeperiod", 2.into())]);
        assert_eq!(values[0][1..], [0.5, 0.5, 0.5, 0.0]);
    }
}

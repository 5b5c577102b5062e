//! `super_smoother`: Ehlers' super smoother.

use std::f64::consts::{PI, SQRT_2};

use crate::indicators::average::Average;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "super_smoother",
        family: "overlap",
        doc: "Super smoother: a two-pole filter that takes out waves shorter than its period, with little lag. The price is taken to have stood at its first value before; the first timeperiod - 1 values, which still show that, are withheld.",
        formula: "a = exp(-sqrt(2) * pi / timeperiod); c2 = 2 * a * cos(sqrt(2) * pi / timeperiod); c3 = -a²; filter = (1 - c2 - c3) * (close + close[1]) / 2 + c2 * filter[1] + c3 * filter[2]; Ehlers rounds sqrt(2) to 1.414",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 2, "The shortest wave that is kept, in bars.")],
        outputs: &["super_smoother"],
        example: "super_smoother(close, 20)",
        source: "John Ehlers, Cycle Analytics for Traders, 2013, chapter 3.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Withheld { filter: Smoother::new(length), bars: length - 1 }))
    },
};

/// The filter itself, from the first value on.
#[derive(Clone)]
pub struct Smoother {
    weights: [f64; 3],
    last_value: f64,
    last: [f64; 2],
}

impl Smoother {
    pub fn new(length: usize) -> Self {
        let angle = SQRT_2 * PI / length as f64;
        let decay = (-angle).exp();
        let (second, third) = (2.0 * decay * angle.cos(), -decay * decay);
        Self { weights: [(1.0 - second - third) / 2.0, second, third], last_value: f64::NAN, last: [f64::NAN; 2] }
    }
}

impl Average for Smoother {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        if self.last_value.is_nan() {
            (self.last_value, self.last) = (value, [value; 2]);
        }
        let [input, first, second] = self.weights;
        let filtered = input * (value + self.last_value) + first * self.last[0] + second * self.last[1];
        self.last_value = value;
        self.last = [filtered, self.last[0]];
        filtered
    }
}

/// A filter whose first values are not given.
#[derive(Clone)]
pub struct Withheld<A> {
    pub filter: A,
    /// How many more.
    pub bars: usize,
}

impl<A: Average> Average for Withheld<A> {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let filtered = self.filter.next(value);
        if self.bars == 0 {
            return filtered;
        }
        self.bars -= 1;
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn stays_on_a_flat_series_and_takes_in_a_step_by_its_weights() {
        let values = run(&NODE, &[&[5.0, 5.0, 5.0, 6.0, 6.0]], &[("timeperiod", 4.into())]);
        let angle = 2f64.sqrt() * std::f64::consts::PI / 4.0;
        let (second, third) = (2.0 * (-angle).exp() * angle.cos(), -(-2.0 * angle).exp());
        let step = (1.0 - second - third) / 2.0;
        assert_close(&values[0], &[NAN, NAN, NAN, 5.0 + step, 5.0 + 2.0 * step + second * step]);
    }
}

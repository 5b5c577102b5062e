//! `roofing_filter`: Ehlers' roofing filter.

use std::f64::consts::{PI, SQRT_2};

use crate::indicators::average::Average;
use crate::indicators::overlap::{Smoother, Withheld};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "roofing_filter",
        family: "momentum",
        doc: "Roofing filter: the waves of a price between two periods, around 0, in price units. The price is taken to have stood at its first value before; the first values, as many as the longer period less one, are withheld.",
        formula: "b = sqrt(2) * pi / highpass; a = (cos(b) + sin(b) - 1) / cos(b); hp = (1 - a / 2)² * (close - 2 * close[1] + close[2]) + 2 * (1 - a) * hp[1] - (1 - a)² * hp[2]; roofing_filter = super_smoother(hp, lowpass)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("highpass", 48, 4, "The longest wave that is kept, in bars."),
            Parameter::length("lowpass", 10, 2, "The shortest wave that is kept, in bars."),
        ],
        outputs: &["roofing_filter"],
        example: "crosses_above(roofing_filter(close), 0)",
        source: "John Ehlers, Cycle Analytics for Traders, 2013, chapter 7.",
    },
    lookback: |arguments| Ok(arguments.length("highpass")?.max(arguments.length("lowpass")?) - 1),
    machine: |arguments| {
        let (longest, shortest) = (arguments.length("highpass")?, arguments.length("lowpass")?);
        let filter = Roofing { high_pass: HighPass::new(longest), smoother: Smoother::new(shortest) };
        Ok(Box::new(Withheld { filter, bars: longest.max(shortest) - 1 }))
    },
};

#[derive(Clone)]
struct Roofing {
    high_pass: HighPass,
    smoother: Smoother,
}

impl Average for Roofing {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.smoother.next(self.high_pass.next(value))
    }
}

/// A two-pole filter that takes out waves longer than its period.
#[derive(Clone)]
struct HighPass {
    weights: [f64; 3],
    values: [f64; 2],
    last: [f64; 2],
}

impl HighPass {
    fn new(length: usize) -> Self {
        let (sine, cosine) = (SQRT_2 * PI / length as f64).sin_cos();
        let alpha = (cosine + sine - 1.0) / cosine;
        let rest = 1.0 - alpha;
        let weights = [(1.0 - alpha / 2.0).powi(2), 2.0 * rest, -rest * rest];
        Self { weights, values: [f64::NAN; 2], last: [0.0; 2] }
    }
}

impl Average for HighPass {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        if self.values[0].is_nan() {
            self.values = [value; 2];
        }
        let [input, first, second] = self.weights;
        let bend = value - 2.0 * self.values[0] + self.values[1];
        let passed = input * bend + first * self.last[0] + second * self.last[1];
        self.values = [value, self.values[0]];
        self.last = [passed, self.last[0]];
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    /// The height of what is left of a wave of 1.
    fn height(period: f64) -> f64 {
        let wave: Vec<f64> =
            (0..4000).map(|bar| 100.0 + (f64::from(bar) * 2.0 * std::f64::consts::PI / period).sin()).collect();
        let values = run(&NODE, &[&wave], &[]);
        values[0][2000..].iter().copied().fold(0.0, f64::max)
    }

    #[test]
    fn keeps_the_waves_under_the_roof() {
        assert!(height(20.0) > 0.85 && height(2.5) < 0.05 && height(400.0) < 0.03);
    }

    #[test]
    fn is_0_where_nothing_moves() {
        let values = run(&NODE, &[&[7.0; 60]], &[]);
        assert!(values[0][46].is_nan());
        assert_close(&values[0][47..], &[0.0; 13]);
    }
}

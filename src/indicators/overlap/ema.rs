//! `ema`: the exponential moving average.

use crate::indicators::average::Average;
use crate::indicators::window::Smoothing;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ema",
        family: "overlap",
        doc: "Exponential moving average: newer values weigh more, none is forgotten.",
        formula: "ema = ema[1] * (1 - k) + close * k, with k = 2 / (timeperiod + 1); \
                  the first value is the mean of the first timeperiod values",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "The bars that a simple average of like lag would have.")],
        outputs: &["ema"],
        example: "ema(close, 20)",
        source: "TA-Lib's EMA.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Ema::new(arguments.length("timeperiod")?))),
};

/// An average that keeps a part of itself and takes a part of the new value; it begins as the mean
/// of its first values.
#[derive(Clone)]
pub struct Ema(Smoothing<1>);

impl Ema {
    /// With the weight that is usual for `length`.
    pub fn new(length: usize) -> Self {
        Self(Smoothing::new(length, Self::weight(length)))
    }

    /// The weight of a new value that is usual for `length`.
    pub fn weight(length: usize) -> f64 {
        2.0 / (length as f64 + 1.0)
    }

    /// Begins as the mean of `length` values, then gives each new value the weight `weight`.
    pub fn weighing(length: usize, weight: f64) -> Self {
        Self(Smoothing::new(length, weight))
    }
}

impl Average for Ema {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let [average] = self.0.next([value]);
        average
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn begins_as_the_mean_and_then_decays() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 5.0, 8.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 3.0, 4.0, 6.0]);
    }

    #[test]
    fn over_one_bar_it_is_the_value() {
        assert_close(&run(&NODE, &[&[1.0, 2.0, 6.0]], &[("timeperiod", 1.into())])[0], &[1.0, 2.0, 6.0]);
    }
}

//! `sma`: the simple moving average.

use crate::indicators::average::Average;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "sma",
        family: "overlap",
        doc: "Simple moving average: the mean of the last values.",
        formula: "sum(close, timeperiod) / timeperiod",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "How many bars are averaged.")],
        outputs: &["sma"],
        example: "sma(close, 20)",
        source: "TA-Lib's SMA.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Sma::new(arguments.length("timeperiod")?))),
};

/// The mean of the last values.
#[derive(Clone)]
pub struct Sma {
    window: Sliding<Sum>,
    /// What each value weighs: a division a bar would take longer than all the rest.
    weight: f64,
}

impl Sma {
    pub fn new(length: usize) -> Self {
        Self { window: Sliding::new(length), weight: 1.0 / length.max(1) as f64 }
    }
}

impl Average for Sma {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.window.slide(value).0 * self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_mean_of_the_window() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 4.0, 5.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn forgets_what_has_left_the_window() {
        let values = run(&NODE, &[&[1e16, 1.0, 1.0, 2.0, 2.0]], &[("timeperiod", 2.into())]);
        assert_eq!(values[0][2..], [1.0, 1.5, 2.0]);
    }

    #[test]
    fn a_gap_delays_it() {
        let values = run(&NODE, &[&[1.0, NAN, 3.0, NAN, 5.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.0, NAN, 4.0]);
    }
}

//! `dpo`: the detrended price oscillator.

use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "dpo",
        family: "momentum",
        doc: "Detrended price oscillator: the price in the middle of a window less the window's mean, in price units.",
        formula: "close[timeperiod / 2 + 1] - sma(close, timeperiod), the half rounded down; nothing ahead of the bar is read",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length(
            "timeperiod",
            20,
            2,
            "How many bars are averaged: the cycle that is taken out.",
        )],
        outputs: &["dpo"],
        example: "crosses_above(dpo(close, 20), 0)",
        source: "TA-Lib's DPO.",
    },
    lookback: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok((length - 1).max(length / 2 + 1))
    },
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Detrended { earlier: Lag::new(length / 2 + 1), mean: Sma::new(length) }))
    },
};

#[derive(Clone)]
struct Detrended {
    earlier: Lag,
    mean: Sma,
}

impl Average for Detrended {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.earlier.push(value) - self.mean.next(value)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_the_middle_with_the_mean() {
        let series = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0];
        assert_close(&run(&NODE, &[&series], &[("timeperiod", 2.into())])[0], &[NAN, NAN, -1.5, -0.5, -2.5, 0.0]);
        let four = run(&NODE, &[&series], &[("timeperiod", 4.into())]);
        assert_close(&four[0], &[NAN, NAN, NAN, -1.75, -0.5, -2.25]);
    }
}

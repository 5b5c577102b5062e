//! `hma`: the Hull moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Wma;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "hma",
        family: "overlap",
        doc: "Hull's moving average: smooth, with little lag.",
        formula: "wma(2 * wma(close, timeperiod / 2) - wma(close, timeperiod), sqrt(timeperiod)), each length rounded down",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 20, 2, "The bars of the longest of its averages.")],
        outputs: &["hma"],
        example: "hma(close, 20)",
        source: "Alan Hull, 2005; TA-Lib's HMA.",
    },
    lookback: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(length - 1 + length.isqrt() - 1)
    },
    machine: |arguments| Ok(Box::new(Hma::new(arguments.length("timeperiod")?))),
};

#[derive(Clone)]
struct Hma {
    half: Wma,
    whole: Wma,
    smooth: Wma,
}

impl Hma {
    fn new(length: usize) -> Self {
        Self { half: Wma::new(length / 2), whole: Wma::new(length), smooth: Wma::new(length.isqrt()) }
    }
}

impl Average for Hma {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let half = self.half.next(value);
        let whole = self.whole.next(value);
        self.smooth.follow(2.0 * half - whole)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_a_straight_line_closely() {
        // over 4: 2 * wma(2) - wma(4) of a line is the line plus 1/3, and wma(2) of that lags 1/3
        let values = run(&NODE, &[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], &[("timeperiod", 4.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, NAN, 5.0, 6.0]);
    }
}

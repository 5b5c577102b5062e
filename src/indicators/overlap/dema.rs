//! `dema`: the double exponential moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "dema",
        family: "overlap",
        doc: "Double exponential moving average: an ema with half of its lag taken out.",
        formula: "2 * ema(close) - ema(ema(close))",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "The period of each ema, in bars.")],
        outputs: &["dema"],
        example: "dema(close, 20)",
        source: "Patrick Mulloy, Stocks & Commodities, February 1994; TA-Lib's DEMA.",
    },
    lookback: |arguments| Ok(2 * (arguments.length("timeperiod")? - 1)),
    machine: |arguments| Ok(Box::new(Dema::new(arguments.length("timeperiod")?))),
};

/// Two averages in a row.
#[derive(Clone)]
pub struct Dema {
    first: Ema,
    second: Ema,
}

impl Dema {
    pub fn new(length: usize) -> Self {
        Self { first: Ema::new(length), second: Ema::new(length) }
    }
}

impl Average for Dema {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let first = self.first.next(value);
        2.0 * first - self.second.follow(first)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn takes_the_second_average_from_twice_the_first() {
        // ema over 3: -, -, 3, 4, 6, 8; ema of that: -, -, -, -, 13/3, 37/6
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 5.0, 8.0, 10.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, NAN, 12.0 - 13.0 / 3.0, 16.0 - 37.0 / 6.0]);
    }
}

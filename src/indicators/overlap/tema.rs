//! `tema`: the triple exponential moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "tema",
        family: "overlap",
        doc: "Triple exponential moving average: an ema with most of its lag taken out.",
        formula: "3 * ema(close) - 3 * ema(ema(close)) + ema(ema(ema(close)))",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "The period of each ema, in bars.")],
        outputs: &["tema"],
        example: "tema(close, 20)",
        source: "Patrick Mulloy, Stocks & Commodities, January 1994; TA-Lib's TEMA.",
    },
    lookback: |arguments| Ok(3 * (arguments.length("timeperiod")? - 1)),
    machine: |arguments| Ok(Box::new(Tema::new(arguments.length("timeperiod")?))),
};

/// Three averages in a row.
#[derive(Clone)]
pub struct Tema {
    first: Ema,
    second: Ema,
    third: Ema,
}

impl Tema {
    pub fn new(length: usize) -> Self {
        Self { first: Ema::new(length), second: Ema::new(length), third: Ema::new(length) }
    }
}

impl Average for Tema {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let first = self.first.next(value);
        let second = self.second.follow(first);
        3.0 * (first - second) + self.third.follow(second)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_a_straight_line_without_lag_in_the_end() {
        let line: Vec<f64> = (0..200).map(f64::from).collect();
        let values = run(&NODE, &[&line], &[("timeperiod", 3.into())]);
        assert_close(&values[0][..6], &[NAN; 6]);
        assert_close(&values[0][150..], &line[150..]);
    }
}

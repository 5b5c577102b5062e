//! `kama`: Kaufman's adaptive moving average.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::window::{Lag, Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "kama",
        family: "overlap",
        doc: "Kaufman's adaptive moving average: fast in a trend, slow in noise.",
        formula: "kama = kama[1] + c² (close - kama[1]), where c = 2/31 + e (2/3 - 2/31) and \
                  e = abs(close - close[timeperiod]) / sum(abs(close - close[1]), timeperiod); it begins at close[1]",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "The bars over which the trend is measured.")],
        outputs: &["kama"],
        example: "kama(close, 10)",
        source: "Perry Kaufman, Trading Systems and Methods; TA-Lib's KAMA.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Kama::new(arguments.length("timeperiod")?))),
};

const FAST: f64 = 2.0 / 3.0;
const SLOW: f64 = 2.0 / 31.0;

/// An average whose weight follows the efficiency of the path.
#[derive(Clone)]
pub struct Kama {
    earlier: Lag,
    path: Sliding<Sum>,
    previous: f64,
    value: f64,
}

impl Kama {
    pub fn new(length: usize) -> Self {
        Self { earlier: Lag::new(length), path: Sliding::new(length), previous: f64::NAN, value: f64::NAN }
    }
}

impl Average for Kama {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let earlier = self.earlier.push(value);
        let previous = mem::replace(&mut self.previous, value);
        if previous.is_nan() {
            return f64::NAN;
        }
        let path = self.path.slide((value - previous).abs());
        if path.0.is_nan() {
            return f64::NAN;
        }
        let distance = value - earlier;
        // TA-Lib compares the signed distance: a path straight down is as efficient as one straight up.
        let efficiency = if path.0 <= distance || path.0 == 0.0 { 1.0 } else { (distance / path.0).abs() };
        let weight = efficiency * (FAST - SLOW) + SLOW;
        let before = if self.value.is_nan() { previous } else { self.value };
        self.value = before + (value - before) * (weight * weight);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_fast_on_a_straight_path_and_slow_where_it_ends_where_it_began() {
        let straight = run(&NODE, &[&[1.0, 2.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&straight[0], &[NAN, NAN, 2.0 + 4.0 / 9.0]);
        let noise = run(&NODE, &[&[1.0, 2.0, 1.0]], &[("timeperiod", 2.into())]);
        assert_close(&noise[0], &[NAN, NAN, 2.0 - 4.0 / 961.0]);
    }
}

//! `er`: the efficiency ratio.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::window::{Lag, Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "er",
        family: "momentum",
        doc: "Efficiency ratio: the distance that the price made good as a part of the way it went, 0 to 1.",
        formula: "abs(close - close[timeperiod]) / sum(abs(close - close[1]), timeperiod); 0 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 10, 2, "How many bars are looked at.")],
        outputs: &["er"],
        example: "er(close, 10) > 0.5",
        source: "Perry Kaufman, Trading Systems and Methods; TA-Lib's ER.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        Ok(Box::new(Efficiency {
            last: f64::NAN,
            earlier: Lag::new(arguments.length("timeperiod")?),
            path: Sliding::new(arguments.length("timeperiod")?),
        }))
    },
};

#[derive(Clone)]
struct Efficiency {
    last: f64,
    earlier: Lag,
    path: Sliding<Sum>,
}

impl Average for Efficiency {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let step = value - mem::replace(&mut self.last, value);
        let distance = (value - self.earlier.push(value)).abs();
        if step.is_nan() {
            return f64::NAN;
        }
        let Some(path) = self.path.push(step.abs()) else {
            return f64::NAN;
        };
        if path.0 == 0.0 { 0.0 } else { distance / path.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_distance_over_the_way() {
        let values = run(&NODE, &[&[1.0, 2.0, 4.0, 3.0, 3.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 1.0, 1.0 / 3.0, 1.0, 0.0]);
    }
}

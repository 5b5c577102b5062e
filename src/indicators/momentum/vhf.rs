//! `vhf`: the vertical horizontal filter.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::window::{Max, Min, Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "vhf",
        family: "momentum",
        doc: "Vertical horizontal filter: the range of the closes as a part of the way they went; high in a trend.",
        formula: "(highest(close) - lowest(close)) / sum(abs(close - close[1])), each over timeperiod; 0 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 28, 2, "How many bars are looked at.")],
        outputs: &["vhf"],
        example: "vhf(close, 28) > 0.4",
        source: "Adam White, Futures, August 1991; TA-Lib's VHF.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        Ok(Box::new(Filter {
            last: f64::NAN,
            range: Sliding::new(arguments.length("timeperiod")?),
            path: Sliding::new(arguments.length("timeperiod")?),
        }))
    },
};

#[derive(Clone)]
struct Filter {
    last: f64,
    range: Sliding<(Max, Min)>,
    path: Sliding<Sum>,
}

impl Average for Filter {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let step = value - mem::replace(&mut self.last, value);
        let range = self.range.push((value, value));
        if step.is_nan() {
            return f64::NAN;
        }
        let (Some((highest, lowest)), Some(path)) = (range, self.path.push(step.abs())) else {
            return f64::NAN;
        };
        if path.0 == 0.0 { 0.0 } else { (highest.0 - lowest.0) / path.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_range_over_the_way() {
        let values = run(&NODE, &[&[1.0, 2.0, 4.0, 3.0, 3.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
    }
}

//! `cumsum`: the running total.

use crate::indicators::average::Average;
use crate::node::{IndicatorNode, Inputs, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "cumsum",
        family: "statistic",
        doc: "Cumulative sum: the total of all values since the first.",
        formula: "cumsum = cumsum[1] + close",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["cumsum"],
        example: "cumsum(returns(close))",
        source: "TA-Lib's CUMSUM.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Total(0.0))),
};

#[derive(Clone)]
struct Total(f64);

impl Average for Total {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0 += value;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn adds_up_what_is_known() {
        assert_close(&run(&NODE, &[&[1.0, NAN, 2.0, -5.0]], &[])[0], &[1.0, NAN, 3.0, -2.0]);
    }
}

//! `skew`: which way a window leans.

use crate::indicators::average::Average;
use crate::indicators::window::{CentralMoments, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "skew",
        family: "statistic",
        doc: "Skewness of the last values, of a sample: above 0 where the long tail is on the high side.",
        formula: "sqrt(n * (n - 1)) / (n - 2) * mean((close - mean(close))³) / stddev(close)³, n = timeperiod; not known where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 60, 3, "How many bars are looked at.")],
        outputs: &["skew"],
        example: "skew(returns(close), 60) < 0",
        source: "G1 of D. N. Joanes and C. A. Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47, 1998; pandas' rolling skew.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Skewness(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Skewness(Sliding<CentralMoments>);

impl Average for Skewness {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, CentralMoments::skewness)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_that_of_a_sample_and_unknown_on_a_flat_window() {
        // 0, 0, 3 lean to the right as far as three values can: sqrt(3)
        let values = run(&NODE, &[&[0.1, 0.1, 0.1, 3.1, 1.6]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, 3f64.sqrt(), 0.0]);
    }
}

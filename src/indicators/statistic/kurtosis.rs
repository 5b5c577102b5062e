//! `kurtosis`: how heavy the tails of a window are.

use crate::indicators::average::Average;
use crate::indicators::window::{CentralMoments, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "kurtosis",
        family: "statistic",
        doc: "Excess kurtosis of the last values, of a sample: 0 for a normal distribution, above it where the tails are heavier.",
        formula: "(n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g + 6), g = mean((close - mean(close))⁴) / stddev(close)⁴ - 3, n = timeperiod; not known where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 60, 4, "How many bars are looked at.")],
        outputs: &["kurtosis"],
        example: "kurtosis(returns(close), 60) > 3",
        source: "G2 of D. N. Joanes and C. A. Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47, 1998; pandas' rolling kurt.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Kurtosis(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Kurtosis(Sliding<CentralMoments>);

impl Average for Kurtosis {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, CentralMoments::kurtosis)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_that_of_a_sample_and_unknown_on_a_flat_window() {
        // one value off among four is the heaviest tail of four: 4; two and two the lightest: -6
        let values = run(&NODE, &[&[0.1, 0.1, 0.1, 0.1, 9.1, 9.1]], &[("timeperiod", 4.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, NAN, 4.0, -6.0]);
    }
}

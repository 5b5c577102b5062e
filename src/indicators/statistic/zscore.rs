//! `zscore`: how unusual a value is in its window.

use crate::indicators::average::Average;
use crate::indicators::window::{Moments, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "zscore",
        family: "statistic",
        doc: "Standard score: how many standard deviations the value is above the mean of its window.",
        formula: "(close - mean(close)) / stddev(close), the population's; not known where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 20, 2, "How many bars are looked at.")],
        outputs: &["zscore"],
        example: "zscore(close, 20) < -2",
        source: "The standard score of any textbook.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Score(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Score(Sliding<Moments>);

impl Average for Score {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let length = self.0.length();
        match self.0.push(value) {
            Some(moments) => {
                let mean = moments.mean(self.0.reference(), length);
                (value - mean) / moments.variance(length).sqrt()
            }
            None => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_deviations_from_the_mean_and_is_unknown_on_a_flat_window() {
        let values = run(&NODE, &[&[1.0, 1.0, 1.0, 4.0, 0.0]], &[("timeperiod", 3.into())]);
        let last = (0.0 - 5.0 / 3.0) / (26.0_f64 / 9.0).sqrt();
        assert_close(&values[0], &[NAN, NAN, NAN, 2f64.sqrt(), last]);
    }
}

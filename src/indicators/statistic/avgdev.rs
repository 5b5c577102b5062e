//! `avgdev`: the mean absolute deviation.

use crate::indicators::average::Average;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "avgdev",
        family: "statistic",
        doc: "Mean absolute deviation of the last values. It costs O(timeperiod) a bar: no sum of distances can be slid.",
        formula: "mean(abs(close - mean(close)))",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["avgdev"],
        example: "avgdev(close, 14)",
        source: "TA-Lib's AVGDEV.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(AverageDeviation(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct AverageDeviation(Sliding<Sum>);

impl Average for AverageDeviation {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, |sum| deviation(self.0.values(), sum))
    }
}

/// The mean distance of the values from their mean.
#[inline]
pub fn deviation(values: &[f64], sum: Sum) -> f64 {
    let length = values.len() as f64;
    let mean = sum.0 / length;
    values.iter().map(|value| (value - mean).abs()).sum::<f64>() / length
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_mean_distance_from_the_mean() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 10.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.0, 8.0 / 3.0]);
    }
}

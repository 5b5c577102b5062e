//! `avgdev`: the mean absolute deviation.

use crate::indicators::average::Average;
use crate::indicators::window::{History, Sliding, Sum, sum_of};
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
    machine: |arguments| Ok(Box::new(AverageDeviation(Distances::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct AverageDeviation(Distances);

impl Average for AverageDeviation {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, |[_, distance]| distance)
    }
}

/// How far the last values are from their mean. It looks at all of them on each bar: the mean moves.
#[derive(Clone)]
pub struct Distances {
    sum: Sliding<Sum>,
    recent: History,
}

impl Distances {
    /// Of the last `length` values, at least one.
    pub fn new(length: usize) -> Self {
        Self { sum: Sliding::new(length), recent: History::new(length) }
    }

    /// Takes the next value and gives the mean and the mean distance from it; none until there are enough values.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> Option<[f64; 2]> {
        let Sum(sum) = self.sum.slide(value);
        let values = self.recent.push(value)?;
        let length = values.len() as f64;
        let mean = sum / length;
        Some([mean, sum_of(values, |value| (value - mean).abs()) / length])
    }
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

//! `percentrank`: how many of the values before are lower.

use crate::indicators::average::Average;
use crate::indicators::window::Ordered;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "percentrank",
        family: "statistic",
        doc: "Percent rank: how many percent of the values before this one are lower, 0 to 100.",
        formula: "100 * count(close[1] to close[timeperiod] < close) / timeperiod. A bar costs O(timeperiod) at worst",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 100, 2, "How many bars before this one are looked at.")],
        outputs: &["percentrank"],
        example: "percentrank(natr(day, 14), 100) < 10",
        source: "TA-Lib's PERCENTRANK.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(PercentRank(Ordered::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct PercentRank(Ordered);

impl Average for PercentRank {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let rank = self.0.sorted().map_or(f64::NAN, |before| {
            let lower = before.partition_point(|other| *other < value);
            100.0 * lower as f64 / before.len() as f64
        });
        self.0.push(value);
        rank
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_what_is_lower_and_not_what_is_the_same() {
        let values = run(&NODE, &[&[1.0, 3.0, 2.0, 2.0, 5.0, 0.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 50.0, 0.0, 100.0, 0.0]);
    }
}

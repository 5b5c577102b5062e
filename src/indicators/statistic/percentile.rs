//! `percentile`: the value that a part of a window does not exceed.

use crate::indicators::average::Average;
use crate::indicators::window::Ordered;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "percentile",
        family: "statistic",
        doc: "Percentile by the nearest rank: the least of the last values that at least so many percent do not exceed.",
        formula: "the value of rank ceil(percentile * timeperiod / 100), 1 at least, of the last values in order; \
                  always one of them, never between two. A bar costs O(timeperiod) at worst",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 30, 2, "How many bars are looked at."),
            Parameter::number("percentile", 50.0, 0.0, 100.0, "How many percent; 50 is the median of an odd window."),
        ],
        outputs: &["percentile"],
        example: "close > percentile(close, 100, 90.0)",
        source: "Rob Hyndman and Yanan Fan, Sample Quantiles in Statistical Packages, 1996, type 1; TA-Lib's PERCENTILE.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let rank = (arguments.number("percentile")? * length as f64 / 100.0).ceil() as usize;
        Ok(Box::new(Percentile { window: Ordered::new(length), below: rank.saturating_sub(1).min(length - 1) }))
    },
};

#[derive(Clone)]
struct Percentile {
    window: Ordered,
    /// How many values stand before the one that is read.
    below: usize,
}

impl Average for Percentile {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.window.push(value);
        self.window.sorted().map_or(f64::NAN, |sorted| sorted[self.below])
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, run};

    #[test]
    fn is_the_value_of_its_rank() {
        let series = [15.0, 20.0, 35.0, 40.0, 50.0];
        let at =
            |percent: f64| run(&NODE, &[&series], &[("timeperiod", 5.into()), ("percentile", percent.into())])[0][4];
        assert_eq!([0.0, 5.0, 30.0, 40.0, 50.0, 100.0].map(at), [15.0, 15.0, 20.0, 20.0, 35.0, 50.0]);
    }

    #[test]
    fn begins_when_the_window_is_full_and_forgets() {
        let values = &run(&NODE, &[&[9.0, 1.0, NAN, 2.0, 3.0]], &[("timeperiod", 3.into())])[0];
        assert!(values[..3].iter().all(|value| value.is_nan()));
        assert_eq!(values[3..], [2.0, 2.0]);
    }
}

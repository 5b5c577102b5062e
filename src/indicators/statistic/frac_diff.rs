//! `frac_diff`: fractional differentiation.

use crate::indicators::average::Average;
use crate::indicators::window::History;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "frac_diff",
        family: "statistic",
        doc: "Fractional difference over a window of fixed width: a series that is nearly stationary and yet remembers its level. Order 0 is the series, order 1 its change. It costs O(timeperiod) a bar.",
        formula: "sum(w[k] * close[k]) for k = 0 to timeperiod - 1, w[0] = 1, w[k] = -w[k - 1] * (order - k + 1) / k",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::number("order", 0.4, 0.0, 2.0, "How often the series is differentiated."),
            Parameter::length("timeperiod", 100, 1, "How many weights are kept."),
        ],
        outputs: &["frac_diff"],
        example: "frac_diff(ln(close), 0.4, 250)",
        source: "Marcos López de Prado, Advances in Financial Machine Learning, 2018, section 5.5, the fixed-width window; the book sets the width by the least weight, here it is given.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let (order, length) = (arguments.number("order")?, arguments.length("timeperiod")?);
        let mut weights = vec![1.0];
        for k in 1..length {
            let k = k as f64;
            weights.extend(weights.last().map(|last| -last * (order - k + 1.0) / k));
        }
        weights.reverse();
        Ok(Box::new(FractionalDifference { window: History::new(length), weights: weights.into() }))
    },
};

#[derive(Clone)]
struct FractionalDifference {
    window: History,
    /// The weight of the oldest value first.
    weights: Box<[f64]>,
}

impl Average for FractionalDifference {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        let Some(values) = self.window.push(value) else {
            return f64::NAN;
        };
        values.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn a_half_weighs_1_a_half_and_an_eighth() {
        let values = run(&NODE, &[&[8.0, 2.0, 4.0, 16.0]], &[("order", 0.5.into()), ("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 4.0 - 1.0 - 1.0, 16.0 - 2.0 - 0.25]);
    }

    #[test]
    fn order_0_is_the_series_and_order_1_its_change() {
        let series = [8.0, 2.0, 4.0];
        let [same, change] =
            [0, 1].map(|order| run(&NODE, &[&series], &[("order", order.into()), ("timeperiod", 2.into())]));
        assert_close(&same[0], &[NAN, 2.0, 4.0]);
        assert_close(&change[0], &[NAN, -6.0, 2.0]);
    }
}

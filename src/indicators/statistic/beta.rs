//! `beta`: how one series moves with another.

use crate::indicators::window::{Comoments, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "beta",
        family: "statistic",
        doc: "Beta: how far the returns of the second series go with those of the first.",
        formula: "covariance(a, b) / variance(a), where a and b are the returns of first and second; 0 where the first stands still",
        inputs: Inputs::Series(&["first", "second"]),
        parameters: &[Parameter::length("timeperiod", 5, 1, "How many returns are looked at.")],
        outputs: &["beta"],
        example: "beta(day.high, day.low, 20)",
        source: "TA-Lib's BETA.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Beta { last: None, window: Sliding::new(arguments.length("timeperiod")?) })),
};

#[derive(Clone)]
struct Beta {
    last: Option<[f64; 2]>,
    window: Sliding<Comoments>,
}

impl Machine for Beta {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, pair: [f64; 2]) -> [f64; 1] {
        let length = self.window.length();
        let Some(last) = self.last.replace(pair) else {
            return [f64::NAN];
        };
        let returns = [0, 1].map(|i| if last[i] == 0.0 { 0.0 } else { pair[i] / last[i] - 1.0 });
        let Some(moments) = self.window.push(returns) else {
            return [f64::NAN];
        };
        let [variance, _] = moments.variances(length);
        [if variance == 0.0 { 0.0 } else { moments.covariance(length) / variance }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_2_where_the_second_moves_twice_as_far() {
        let values =
            run(&NODE, &[&[100.0, 110.0, 99.0, 99.0], &[100.0, 120.0, 96.0, 96.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.0, 2.0]);
    }
}

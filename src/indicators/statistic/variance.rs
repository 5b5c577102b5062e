//! `variance`: the variance of a window.

use crate::indicators::average::Average;
use crate::indicators::window::{Moments, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "variance",
        family: "statistic",
        doc: "Variance of the last values: TA-Lib's VAR, whose name is a reserved word of scripts.",
        formula: "mean((close - mean(close))²): the population's, divided by timeperiod",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 5, 1, "How many bars are looked at."),
            Parameter::number(
                "nbdev",
                1.0,
                f64::MIN,
                f64::MAX,
                "Changes nothing: TA-Lib's VAR takes it and leaves it.",
            ),
        ],
        outputs: &["variance"],
        example: "variance(returns(close), 20)",
        source: "TA-Lib's VAR.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Variance(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Variance(Sliding<Moments>);

impl Average for Variance {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let length = self.0.length();
        self.0.push(value).map_or(f64::NAN, |moments| moments.variance(length))
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_populations_whatever_nbdev_is() {
        let values = run(&NODE, &[&[1.0, 3.0, 3.0, 9.0]], &[("timeperiod", 2.into()), ("nbdev", 3.into())]);
        assert_close(&values[0], &[NAN, 1.0, 0.0, 9.0]);
    }

    #[test]
    fn of_one_value_is_0() {
        assert_eq!(run(&NODE, &[&[1e9, 3.0]], &[("timeperiod", 1.into())])[0], [0.0, 0.0]);
    }
}

//! `correl`: the correlation of two series.

use crate::indicators::window::{Comoments, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "correl",
        family: "statistic",
        doc: "Pearson's correlation of two series, -1 to 1.",
        formula: "covariance(first, second) / (stddev(first) * stddev(second)); 0 where either stands still",
        inputs: Inputs::Series(&["first", "second"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "How many bars are looked at.")],
        outputs: &["correl"],
        example: "correl(returns(day.close), returns(day.volume), 30)",
        source: "TA-Lib's CORREL.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Correlation(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Correlation(Sliding<Comoments>);

impl Machine for Correlation {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, pair: [f64; 2]) -> [f64; 1] {
        let length = self.0.length();
        let Some(moments) = self.0.push(pair) else {
            return [f64::NAN];
        };
        let [first, second] = moments.variances(length);
        let spread = (first * second).sqrt();
        [if spread == 0.0 { 0.0 } else { moments.covariance(length) / spread }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_1_or_minus_1_on_a_line_and_0_where_one_stands_still() {
        let first = [1.0, 2.0, 3.0, 3.0];
        let values = run(&NODE, &[&first, &[5.0, 7.0, 6.0, 9.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 1.0, -1.0, 0.0]);
    }
}

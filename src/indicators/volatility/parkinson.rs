//! `parkinson`: Parkinson's volatility.

use std::f64::consts::LN_2;

use crate::data::Field;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "parkinson",
        family: "volatility",
        doc: "Volatility of the last bars by their highs and lows: a fraction a bar, as the deviation of log returns is. For a year's, multiply with sqrt(252) on daily bars. Gaps between bars do not count.",
        formula: "sqrt(mean(ln(high / low)²) / (4 * ln(2)))",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 20, 1, "How many bars are looked at.")],
        outputs: &["parkinson"],
        example: "parkinson(day, 20) * sqrt(252) < 0.3",
        source: "Michael Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of Business 53, 1980.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Parkinson(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Parkinson(Sliding<Sum>);

impl Machine for Parkinson {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        let range = (high / low).ln();
        let count = self.0.length() as f64;
        [self.0.push(range * range).map_or(f64::NAN, |sum| (sum.0 / (count * 4.0 * LN_2)).sqrt())]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn scales_the_mean_square_of_the_ranges() {
        // ranges ln 2 and 0, then 0 and 0
        let values = run(&NODE, &[&[4.0, 5.0, 6.0], &[2.0, 5.0, 6.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, (2f64.ln() / 8.0).sqrt(), 0.0]);
    }
}

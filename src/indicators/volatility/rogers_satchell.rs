//! `rogers_satchell`: Rogers and Satchell's volatility.

use crate::data::Field;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rogers_satchell",
        family: "volatility",
        doc: "Volatility of the last bars, whatever their drift, by open, high, low and close: a fraction a bar, as the deviation of log returns is. Gaps between bars do not count.",
        formula: "sqrt(mean(ln(high / close) * ln(high / open) + ln(low / close) * ln(low / open)))",
        inputs: Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 20, 1, "How many bars are looked at.")],
        outputs: &["rogers_satchell"],
        example: "rogers_satchell(day, 20) * sqrt(252) < 0.3",
        source: "L. C. G. Rogers and S. E. Satchell, Estimating Variance From High, Low and Closing Prices, Annals of Applied Probability 1, 1991.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(RogersSatchell(Sliding::new(arguments.length("timeperiod")?)))),
};

/// The variance of one bar.
#[inline]
pub fn variance([open, high, low, close]: [f64; 4]) -> f64 {
    (high / close).ln() * (high / open).ln() + (low / close).ln() * (low / open).ln()
}

#[derive(Clone)]
struct RogersSatchell(Sliding<Sum>);

impl Machine for RogersSatchell {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 4]) -> [f64; 1] {
        let count = self.0.length() as f64;
        [self.0.push(variance(bar)).map_or(f64::NAN, |sum| (sum.0 / count).sqrt())]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_0_on_a_straight_way_and_counts_what_reaches_beyond_it() {
        // straight up by ln 2; then up by ln 2 and down again by ln 4, to end where it began
        let bars = [[1.0, 2.0], [2.0, 4.0], [1.0, 1.0], [2.0, 2.0]];
        let values = run(&NODE, &bars.each_ref().map(|column| &column[..]), &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 2f64.ln()]);
    }
}

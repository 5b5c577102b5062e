//! `adr`: the average daily range.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "adr",
        family: "volatility",
        doc: "Mean range of the last bars, in price units, without the gaps between them.",
        formula: "sma(high - low, timeperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 14, 1, "How many bars are averaged.")],
        outputs: &["adr"],
        example: "adr(day, 14)",
        source: "TA-Lib's ADR.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(AverageRange(Sma::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct AverageRange(Sma);

impl Machine for AverageRange {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        [self.0.next(high - low)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_mean_of_the_ranges() {
        let values = run(&NODE, &[&[4.0, 5.0], &[1.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 2.0]);
    }
}

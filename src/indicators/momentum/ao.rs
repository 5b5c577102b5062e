//! `ao`: the awesome oscillator.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ao",
        family: "momentum",
        doc: "Awesome oscillator: a fast average of the middle of the bars less a slow one.",
        formula: "sma(medprice, fastperiod) - sma(medprice, slowperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::length("fastperiod", 5, 1, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 34, 1, "The period of the slow average, in bars."),
        ],
        outputs: &["ao"],
        example: "ao(day) > 0",
        source: "Bill Williams, New Trading Dimensions, 1998; TA-Lib's AO.",
    },
    lookback: |arguments| Ok(arguments.length("fastperiod")?.max(arguments.length("slowperiod")?) - 1),
    machine: |arguments| Ok(Box::new(Awesome::new(arguments.length("fastperiod")?, arguments.length("slowperiod")?))),
};

/// The difference of two averages of the middle of the bars.
#[derive(Clone)]
pub struct Awesome {
    fast: Sma,
    slow: Sma,
}

impl Awesome {
    pub fn new(fast: usize, slow: usize) -> Self {
        Self { fast: Sma::new(fast), slow: Sma::new(slow) }
    }

    /// Takes the next bar's high and low.
    #[inline(always)]
    pub fn next(&mut self, [high, low]: [f64; 2]) -> f64 {
        let middle = (high + low) / 2.0;
        self.fast.next(middle) - self.slow.next(middle)
    }
}

impl Machine for Awesome {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        [self.next(bar)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_difference_of_two_means() {
        let parameters = [("fastperiod", 1.into()), ("slowperiod", 2.into())];
        let values = run(&NODE, &[&[2.0, 4.0, 8.0], &[0.0, 2.0, 2.0]], &parameters);
        assert_close(&values[0], &[NAN, 1.0, 1.0]);
    }
}

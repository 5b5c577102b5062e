//! `atr`: the average true range.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Rma;
use crate::indicators::volatility::trange::TrueRange;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "atr",
        family: "volatility",
        doc: "Average true range: how far a bar usually reaches, in price units.",
        formula: "rma(trange, timeperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 1, "The period of Wilder's average, in bars.")],
        outputs: &["atr"],
        example: "stop_loss(atr(day, 14) * 2)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's ATR.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Atr::new(arguments.length("timeperiod")?))),
};

/// Wilder's average of the true range.
#[derive(Clone)]
pub struct Atr {
    range: TrueRange,
    average: Rma,
}

impl Atr {
    pub fn new(length: usize) -> Self {
        Self { range: TrueRange::default(), average: Rma::new(length) }
    }

    /// Takes the next bar's high, low and close.
    #[inline(always)]
    pub fn next(&mut self, bar: [f64; 3]) -> f64 {
        self.average.next(self.range.next(bar))
    }
}

impl Machine for Atr {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        [self.next(bar)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_wilders_average_of_the_true_range_from_the_second_bar_on() {
        let (high, low) = ([10.0, 12.0, 20.0, 9.0], [8.0, 9.0, 19.0, 7.0]);
        let values = run(&NODE, &[&high, &low, &[9.0, 11.0, 19.0, 8.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 6.0, 9.0]);
    }
}

//! `natr`: the normalised average true range.

use crate::data::Field;
use crate::indicators::volatility::atr::Atr;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "natr",
        family: "volatility",
        doc: "Normalised average true range: the atr in percent of the close.",
        formula: "100 * atr(bars, timeperiod) / close; 0 where the close is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 1, "The period of Wilder's average, in bars.")],
        outputs: &["natr"],
        example: "natr(day, 14) < 3",
        source: "John Forman, Stocks & Commodities, May 2006; TA-Lib's NATR.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Natr(Atr::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Natr(Atr);

impl Machine for Natr {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        let (range, close) = (self.0.next(bar), bar[2]);
        let percent = if close == 0.0 { 0.0 } else { 100.0 * range / close };
        [if range.is_nan() { f64::NAN } else { percent }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_in_percent_of_the_close() {
        let (high, low) = ([10.0, 12.0, 20.0, 1.0], [8.0, 9.0, 19.0, 0.0]);
        let values = run(&NODE, &[&high, &low, &[9.0, 11.0, 20.0, 0.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 30.0, 0.0]);
    }
}

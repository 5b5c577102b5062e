//! `accbands`: acceleration bands.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "accbands",
        family: "overlap",
        doc: "Acceleration bands: averages of the highs and the lows, pushed out by how wide the bars are.",
        formula: "upperband = sma(high * (1 + w)); middleband = sma(close); lowerband = sma(low * (1 - w)), where w = 4 * (high - low) / (high + low), 0 where the divisor is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 20, 2, "How many bars are averaged.")],
        outputs: &["upperband", "middleband", "lowerband"],
        example: "close > accbands(day, 20).upperband",
        source: "Price Headley, Big Trends in Trading, 2002; TA-Lib's ACCBANDS.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        Ok(Box::new(Bands {
            upper: Sma::new(arguments.length("timeperiod")?),
            middle: Sma::new(arguments.length("timeperiod")?),
            lower: Sma::new(arguments.length("timeperiod")?),
        }))
    },
};

#[derive(Clone)]
struct Bands {
    upper: Sma,
    middle: Sma,
    lower: Sma,
}

impl Machine for Bands {
    type Input = [f64; 3];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 3] {
        let sum = high + low;
        let width = if sum == 0.0 { 0.0 } else { 4.0 * (high - low) / sum };
        [self.upper.next(high * (1.0 + width)), self.middle.next(close), self.lower.next(low * (1.0 - width))]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn are_wider_the_wider_the_bars() {
        let values = run(&NODE, &[&[5.0, 4.0], &[3.0, 4.0], &[4.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 7.0]);
        assert_close(&values[1], &[NAN, 4.0]);
        assert_close(&values[2], &[NAN, 2.0]);
    }
}

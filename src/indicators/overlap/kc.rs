//! `kc`: Keltner channels.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::indicators::volatility::Atr;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "kc",
        family: "overlap",
        doc: "Keltner channels: an average of the typical price and lines so many average true ranges above and below it.",
        formula: "middleband = ema(typprice, timeperiod); upperband and lowerband are nbdev * atr(atrperiod) away; both averages have their first value on one bar",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod", 20, 2, "The period of the ema, in bars."),
            Parameter::length("atrperiod", 10, 1, "The period of the atr, in bars."),
            Parameter::number("nbdev", 2.0, f64::MIN, f64::MAX, "Average true ranges from the middle to each line."),
        ],
        outputs: &["upperband", "middleband", "lowerband"],
        example: "close > kc(day, 20).upperband",
        source: "Chester Keltner, How to Make Money in Commodities, 1960; TA-Lib's KC.",
    },
    lookback: |arguments| Ok((arguments.length("timeperiod")? - 1).max(arguments.length("atrperiod")?)),
    machine: |arguments| {
        let (middle, range) = (arguments.length("timeperiod")?, arguments.length("atrperiod")?);
        let lookback = range.max(middle - 1);
        Ok(Box::new(Keltner {
            middle: Ema::new(middle),
            wait_middle: lookback + 1 - middle,
            range: Atr::new(range),
            wait_range: lookback - range,
            factor: arguments.number("nbdev")?,
        }))
    },
};

#[derive(Clone)]
struct Keltner {
    middle: Ema,
    /// How many bars the ema sits out.
    wait_middle: usize,
    range: Atr,
    /// How many bars the atr sits out.
    wait_range: usize,
    factor: f64,
}

impl Machine for Keltner {
    type Input = [f64; 3];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 3] {
        let [high, low, close] = bar;
        let middle = if self.wait_middle == 0 { self.middle.next((high + low + close) / 3.0) } else { f64::NAN };
        let range = if self.wait_range == 0 { self.range.next(bar) } else { f64::NAN };
        self.wait_middle = self.wait_middle.saturating_sub(1);
        self.wait_range = self.wait_range.saturating_sub(1);
        if range.is_nan() || middle.is_nan() {
            return [f64::NAN; 3];
        }
        [middle + self.factor * range, middle, middle - self.factor * range]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn lie_so_many_ranges_from_the_middle() {
        // true ranges 4, 1; typical prices 9, 10, 11; the atr sits out one bar
        let (high, low, close) = ([10.0, 12.0, 11.5], [8.0, 8.0, 10.5], [9.0, 10.0, 11.0]);
        let parameters = [("timeperiod", 3.into()), ("atrperiod", 1.into()), ("nbdev", 1.into())];
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        assert_close(&values[0], &[NAN, NAN, 11.5]);
        assert_close(&values[1], &[NAN, NAN, 10.0]);
        assert_close(&values[2], &[NAN, NAN, 8.5]);
    }
}

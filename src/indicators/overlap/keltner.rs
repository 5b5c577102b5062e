//! `keltner`: Keltner channels around an average of choice.

use crate::data::Field;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::volatility::Atr;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "keltner",
        family: "overlap",
        doc: "Keltner channels as charts draw them today: an average of the close, of any kind, and lines so many average true ranges above and below it. TA-Lib's, of the typical price, are kc.",
        formula: "middleband = ma(close, timeperiod, matype); upperband and lowerband are multiplier * atr(atrperiod) away",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod", 20, 1, "The period of the average, in bars."),
            Parameter::length("atrperiod", 10, 1, "The period of the atr, in bars."),
            Parameter::number("multiplier", 2.0, 0.0, f64::MAX, "Average true ranges from the middle to each line."),
            AverageKind::parameter("matype", AverageKind::Exponential, "Which average the middle is."),
        ],
        outputs: &["upperband", "middleband", "lowerband"],
        example: "close > keltner(day, 20, 10, 2.0, \"kama\").upperband",
        source: "Chester Keltner, How to Make Money in Commodities, 1960, in Linda Bradford Raschke's form.",
    },
    lookback: |arguments| {
        let middle = AverageKind::of(arguments, "matype")?.lookback(arguments.length("timeperiod")?);
        Ok(middle.max(arguments.length("atrperiod")?))
    },
    machine: |arguments| {
        Ok(Box::new(Keltner {
            middle: MovingAverage::new(AverageKind::of(arguments, "matype")?, arguments.length("timeperiod")?),
            range: Atr::new(arguments.length("atrperiod")?),
            factor: arguments.number("multiplier")?,
        }))
    },
};

#[derive(Clone)]
struct Keltner {
    middle: MovingAverage,
    range: Atr,
    factor: f64,
}

impl Machine for Keltner {
    type Input = [f64; 3];
    type Output = [f64; 3];

    #[inline]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 3] {
        let (middle, range) = (self.middle.next(bar[2]), self.range.next(bar));
        if middle.is_nan() || range.is_nan() {
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
    fn lie_so_many_ranges_from_an_average_of_choice() {
        // true ranges 4 and 1.5; the weighted average takes the last close twice
        let (high, low, close) = ([10.0, 12.0, 11.5], [8.0, 8.0, 10.5], [9.0, 10.0, 11.5]);
        let parameters =
            [("timeperiod", 2.into()), ("atrperiod", 1.into()), ("multiplier", 1.5.into()), ("matype", "wma".into())];
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        let middles = [29.0 / 3.0, 11.0];
        assert_close(&values[0], &[NAN, middles[0] + 6.0, middles[1] + 2.25]);
        assert_close(&values[1], &[NAN, middles[0], middles[1]]);
        assert_close(&values[2], &[NAN, middles[0] - 6.0, middles[1] - 2.25]);
    }
}

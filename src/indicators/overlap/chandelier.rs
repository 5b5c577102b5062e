//! `chandelier`: the levels of the chandelier exit.

use crate::data::Field;
use crate::indicators::volatility::Atr;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "chandelier",
        family: "overlap",
        doc: "Chandelier exit: a level that hangs some average true ranges below the highest high, for long positions, and its mirror above the lowest low, for short ones.",
        formula: "long = highest(high, timeperiod) - multiplier * atr(timeperiod); short = lowest(low, timeperiod) + multiplier * atr(timeperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod", 22, 1, "How many bars the extremes and the atr look at."),
            Parameter::number("multiplier", 3.0, 0.0, f64::MAX, "Average true ranges from the extreme to the level."),
        ],
        outputs: &["long", "short"],
        example: "close < chandelier(day, 22, 3.0).long",
        source: "Chuck LeBeau; Alexander Elder, Come into My Trading Room, 2002.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let (extremes, range) = (Sliding::new(length), Atr::new(length));
        Ok(Box::new(Chandelier { extremes, range, factor: arguments.number("multiplier")? }))
    },
};

#[derive(Clone)]
struct Chandelier {
    extremes: Sliding<(Max, Min)>,
    range: Atr,
    factor: f64,
}

impl Machine for Chandelier {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let [high, low, _] = bar;
        let extremes = self.extremes.push((high, low));
        let distance = self.factor * self.range.next(bar);
        extremes.map_or([f64::NAN; 2], |(highest, lowest)| [highest.0 - distance, lowest.0 + distance])
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn hang_from_the_extremes() {
        // true ranges 4 and 1.5: 2.75 on average
        let (high, low, close) = ([10.0, 12.0, 11.5], [8.0, 8.0, 10.5], [9.0, 10.0, 11.5]);
        let values = run(&NODE, &[&high, &low, &close], &[("timeperiod", 2.into()), ("multiplier", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 12.0 - 2.0 * 2.75]);
        assert_close(&values[1], &[NAN, NAN, 8.0 + 2.0 * 2.75]);
    }
}

//! `supertrend`: the supertrend.

use std::mem;

use crate::data::Field;
use crate::indicators::volatility::Atr;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "supertrend",
        family: "overlap",
        doc: "Supertrend: a stop some average true ranges away that only follows the trend, and the trend itself, 1 or -1.",
        formula: "upper = medprice + multiplier * atr, lower = medprice - multiplier * atr; a line moves away from the price only after a close beyond it; supertrend = lower in a rising trend, upper in a falling one; the trend turns where the close leaves it, and begins as a rising one",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod", 10, 1, "The period of the atr, in bars."),
            Parameter::number(
                "multiplier",
                3.0,
                0.0,
                f64::MAX,
                "Average true ranges from the middle of the bar to each line.",
            ),
        ],
        outputs: &["supertrend", "trend"],
        example: "supertrend(day, 10, 3.0).trend > 0",
        source: "Olivier Seban; TA-Lib's SUPERTREND.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        let range = Atr::new(arguments.length("timeperiod")?);
        let factor = arguments.number("multiplier")?;
        Ok(Box::new(Supertrend { range, factor, rising: true, lines: None, last_close: f64::NAN }))
    },
};

#[derive(Clone)]
struct Supertrend {
    range: Atr,
    factor: f64,
    rising: bool,
    /// The lower and the upper line.
    lines: Option<[f64; 2]>,
    last_close: f64,
}

impl Machine for Supertrend {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let [high, low, close] = bar;
        let last_close = mem::replace(&mut self.last_close, close);
        let range = self.range.next(bar);
        if range.is_nan() {
            return [f64::NAN; 2];
        }
        let middle = (high + low) / 2.0;
        let (mut lower, mut upper) = (middle - self.factor * range, middle + self.factor * range);
        if let Some([last_lower, last_upper]) = self.lines {
            if last_close >= last_lower {
                lower = lower.max(last_lower);
            }
            if last_close <= last_upper {
                upper = upper.min(last_upper);
            }
            self.rising = if self.rising { close >= lower } else { close > upper };
        }
        self.lines = Some([lower, upper]);
        if self.rising { [lower, 1.0] } else { [upper, -1.0] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_a_rise_and_turns_on_a_close_below() {
        // true ranges 2, 2, 6; lines one range from the middle; the lower one holds at 10
        let (high, low, close) = ([10.0, 12.0, 13.0, 12.0], [9.0, 11.0, 11.0, 6.0], [9.0, 11.0, 12.0, 6.0]);
        let parameters = [("timeperiod", 1.into()), ("multiplier", 1.into())];
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        assert_close(&values[0], &[NAN, 8.5, 10.0, 14.0]);
        assert_close(&values[1], &[NAN, 1.0, 1.0, -1.0]);
    }
}

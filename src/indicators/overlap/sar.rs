//! `sar`: the parabolic stop and reverse.

use crate::data::Field;
use crate::indicators::overlap::parabolic::{Pace, Parabolic};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "sar",
        family: "overlap",
        doc: "Parabolic stop and reverse: a stop that follows the trend faster the longer it lasts.",
        formula: "sar = sar[1] + a * (e - sar[1]), kept outside of the last two bars; e is the extreme of the trend, a grows by acceleration with each new extreme, up to maximum; where the price touches it, it turns and begins at e",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::number(
                "acceleration",
                0.02,
                0.0,
                f64::MAX,
                "The first factor, and what each new extreme adds to it.",
            ),
            Parameter::number("maximum", 0.2, 0.0, f64::MAX, "The largest factor."),
        ],
        outputs: &["sar"],
        example: "close > sar(day)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's SAR.",
    },
    lookback: |_| Ok(1),
    machine: |arguments| {
        let acceleration = arguments.number("acceleration")?;
        let pace = Pace::new(acceleration, acceleration, arguments.number("maximum")?);
        Ok(Box::new(StopAndReverse(Parabolic::new(pace, pace))))
    },
};

#[derive(Clone)]
struct StopAndReverse(Parabolic);

impl Machine for StopAndReverse {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        [self.0.next(bar).map_or(f64::NAN, |stop| stop.level)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_the_trend_and_turns_where_it_is_touched() {
        let (high, low) = ([10.0, 12.0, 14.0, 13.0], [9.0, 11.0, 12.0, 8.0]);
        let parameters = [("acceleration", 0.1.into()), ("maximum", 0.2.into())];
        let values = run(&NODE, &[&high, &low], &parameters);
        // rising from 9 towards 12, then with 0.2 towards 14; touched at 8, it begins again at 14
        assert_close(&values[0], &[NAN, 9.0, 9.3, 14.0]);
    }
}

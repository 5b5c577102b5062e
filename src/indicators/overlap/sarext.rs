//! `sarext`: the parabolic stop and reverse with a pace for each direction.

use crate::data::Field;
use crate::indicators::overlap::parabolic::{Pace, Parabolic, Stop};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "sarext",
        family: "overlap",
        doc: "Parabolic stop and reverse, extended: a start, an offset and a pace for each direction; negative while the trend is down.",
        formula: "as sar, with the long parameters under a rising price and the short ones over a falling one; \
                  the stop above a falling price is given with a minus",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::number(
                "startvalue",
                0.0,
                f64::MIN,
                f64::MAX,
                "The first stop: below a rising price, or as a negative number above a falling one; 0 reads it off the bars.",
            ),
            Parameter::number(
                "offsetonreverse",
                0.0,
                0.0,
                f64::MAX,
                "What part of itself the stop stays further away where it turns.",
            ),
            Parameter::number("accelerationinitlong", 0.02, 0.0, f64::MAX, "The first factor of a rising trend."),
            Parameter::number("accelerationlong", 0.02, 0.0, f64::MAX, "What each new high adds to it."),
            Parameter::number("accelerationmaxlong", 0.2, 0.0, f64::MAX, "The largest factor of a rising trend."),
            Parameter::number("accelerationinitshort", 0.02, 0.0, f64::MAX, "The first factor of a falling trend."),
            Parameter::number("accelerationshort", 0.02, 0.0, f64::MAX, "What each new low adds to it."),
            Parameter::number("accelerationmaxshort", 0.2, 0.0, f64::MAX, "The largest factor of a falling trend."),
        ],
        outputs: &["sarext"],
        example: "crosses_above(sarext(day), 0)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's SAREXT.",
    },
    lookback: |_| Ok(1),
    machine: |arguments| {
        let number = |name: &str| arguments.number(name);
        let (first, step) = (number("accelerationinitlong")?, number("accelerationlong")?);
        let rising = Pace::new(first, step, number("accelerationmaxlong")?);
        let (first, step) = (number("accelerationinitshort")?, number("accelerationshort")?);
        let falling = Pace::new(first, step, number("accelerationmaxshort")?);
        let start = number("startvalue")?;
        let start = (start != 0.0).then_some(Stop { level: start.abs(), rising: start > 0.0 });
        Ok(Box::new(SignedStop(Parabolic::new(rising, falling).extended(start, number("offsetonreverse")?))))
    },
};

#[derive(Clone)]
struct SignedStop(Parabolic);

impl Machine for SignedStop {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        [self.0.next(bar).map_or(f64::NAN, |stop| if stop.rising { stop.level } else { -stop.level })]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    const HIGH: [f64; 4] = [10.0, 12.0, 14.0, 13.0];
    const LOW: [f64; 4] = [9.0, 11.0, 12.0, 8.0];

    #[test]
    fn is_negative_over_a_falling_price_and_keeps_its_offset() {
        let parameters =
            [("offsetonreverse", 0.1.into()), ("accelerationinitlong", 0.1.into()), ("accelerationlong", 0.1.into())];
        // rising from 9 towards 12, then with 0.2 towards 14; touched at 8, it turns at 14 and a tenth
        assert_close(&run(&NODE, &[&HIGH, &LOW], &parameters)[0], &[NAN, 9.0, 9.3, -15.4]);
    }

    #[test]
    fn begins_where_it_is_told() {
        let long = run(&NODE, &[&HIGH, &LOW], &[("startvalue", 5.0.into()), ("accelerationmaxlong", 0.0.into())]);
        assert_close(&long[0], &[NAN, 5.0, 5.0, 5.0]);
        let short = run(&NODE, &[&HIGH, &LOW], &[("startvalue", (-20.0).into())]);
        assert_close(&short[0][..3], &[NAN, -20.0, -(20.0 + 0.02 * (11.0 - 20.0))]);
    }
}

//! `tsi`: the true strength index.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::indicators::window::Smoothing;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "tsi",
        family: "momentum",
        doc: "True strength index: the change of the close smoothed twice, as a part of all movement, -100 to 100.",
        formula: "100 * s(close - close[1]) / s(abs(close - close[1])), where s(x) = ema(ema(x, firstperiod), secondperiod); 0 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("firstperiod", 25, 1, "The period of the first ema, in bars."),
            Parameter::length("secondperiod", 13, 1, "The period of the second ema, in bars."),
        ],
        outputs: &["tsi"],
        example: "tsi(close) > 0",
        source: "William Blau, Momentum, Direction and Divergence, 1995; TA-Lib's TSI.",
    },
    lookback: |arguments| Ok(arguments.length("firstperiod")? + arguments.length("secondperiod")? - 1),
    machine: |arguments| {
        let (first, second) = (arguments.length("firstperiod")?, arguments.length("secondperiod")?);
        let smoothing = |length: usize| Smoothing::new(length, Ema::weight(length));
        Ok(Box::new(Strength { last: f64::NAN, once: smoothing(first), twice: smoothing(second) }))
    },
};

#[derive(Clone)]
struct Strength {
    last: f64,
    /// Of the change and of the movement.
    once: Smoothing<2>,
    twice: Smoothing<2>,
}

impl Average for Strength {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let step = value - mem::replace(&mut self.last, value);
        if step.is_nan() {
            return f64::NAN;
        }
        let once = self.once.next([step, step.abs()]);
        if once[0].is_nan() {
            return f64::NAN;
        }
        let [change, movement] = self.twice.next(once);
        if movement == 0.0 { 0.0 } else { 100.0 * change / movement }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_part_of_movement_that_led_somewhere() {
        let parameters = [("firstperiod", 2.into()), ("secondperiod", 1.into())];
        let values = run(&NODE, &[&[1.0, 4.0, 3.0, 3.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 50.0, 50.0]);
    }
}

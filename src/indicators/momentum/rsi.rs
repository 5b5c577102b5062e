//! `rsi`: the relative strength index.

use crate::indicators::average::Average;
use crate::indicators::window::Smoothing;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rsi",
        family: "momentum",
        doc: "Relative strength index: the part of recent movement that was upwards, 0 to 100.",
        formula: "100 * g / (g + l), where g and l are Wilder's averages of the gains and of the losses; \
                  0 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "The period of Wilder's averages, in bars.")],
        outputs: &["rsi"],
        example: "rsi(close, 14) < 30",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's RSI.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Rsi::new(arguments.length("timeperiod")?))),
};

/// Wilder's averages of the gains and of the losses.
#[derive(Clone)]
pub struct Movements {
    previous: f64,
    averages: Smoothing<2>,
}

impl Movements {
    pub fn new(length: usize) -> Self {
        Self { previous: f64::NAN, averages: Smoothing::new(length, 1.0 / length as f64) }
    }

    /// Takes the next value and gives both averages; NaN before there are `length` changes.
    #[inline(always)]
    pub fn next(&mut self, value: f64) -> [f64; 2] {
        let change = value - self.previous;
        self.previous = value;
        if change.is_nan() {
            return [f64::NAN; 2];
        }
        // A comparison for `max`, which asks for NaN first.
        let gain = if change > 0.0 { change } else { 0.0 };
        self.averages.next([gain, gain - change])
    }
}

/// The part of movement that was upwards.
#[derive(Clone)]
pub struct Rsi(Movements);

impl Rsi {
    pub fn new(length: usize) -> Self {
        Self(Movements::new(length))
    }
}

impl Average for Rsi {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let [gain, loss] = self.0.next(value);
        let movement = gain + loss;
        if movement == 0.0 { 0.0 } else { 100.0 * gain / movement }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_part_of_movement_that_was_upwards() {
        // gains 3, 0, 2: average 1.5, then 1.75; losses 0, 1, 0: average 0.5, then 0.25
        let values = run(&NODE, &[&[10.0, 13.0, 12.0, 14.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 75.0, 87.5]);
    }

    #[test]
    fn is_0_where_nothing_moves_and_100_where_nothing_falls() {
        let flat = run(&NODE, &[&[5.0; 4]], &[("timeperiod", 2.into())]);
        assert_close(&flat[0], &[NAN, NAN, 0.0, 0.0]);
        let rising = run(&NODE, &[&[1.0, 2.0, 3.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&rising[0], &[NAN, NAN, 100.0, 100.0]);
    }
}

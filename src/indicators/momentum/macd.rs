//! `macd`: moving average convergence and divergence.

use crate::indicators::average::Average;
use crate::indicators::momentum::difference::FastAndSlow;
use crate::indicators::overlap::Ema;
use crate::indicators::window::Smoothing;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "macd",
        family: "momentum",
        doc: "Moving average convergence and divergence: how far a fast average has left a slow one.",
        formula: "macd = ema(close, fastperiod) - ema(close, slowperiod); macdsignal = ema(macd, signalperiod); \
                  macdhist = macd - macdsignal. Both averages have their first value on one bar; \
                  the larger period is the slow one",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("fastperiod", 12, 2, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 26, 2, "The period of the slow average, in bars."),
            Parameter::length("signalperiod", 9, 1, "The period of the signal line, in bars."),
        ],
        outputs: &["macd", "macdsignal", "macdhist"],
        example: "macd(close, 12, 26, 9).macdhist > 0",
        source: "Gerald Appel, 1979; TA-Lib's MACD.",
    },
    lookback: |arguments| {
        let slow = arguments.length("fastperiod")?.max(arguments.length("slowperiod")?);
        Ok(slow + arguments.length("signalperiod")? - 2)
    },
    machine: |arguments| {
        let (fast, slow) = (arguments.length("fastperiod")?, arguments.length("slowperiod")?);
        let signal = Ema::new(arguments.length("signalperiod")?);
        let (fast, slow) = (fast.min(slow), fast.max(slow));
        let averages = Smoothing::together([fast, slow], [fast, slow].map(Ema::weight));
        Ok(Box::new(Macd::new(averages, signal)))
    },
};

/// The difference of two averages, its average, and what it differs from that by.
#[derive(Clone)]
pub struct Macd<P, A> {
    averages: P,
    signal: A,
}

impl<P: FastAndSlow, A: Average> Macd<P, A> {
    pub fn new(averages: P, signal: A) -> Self {
        Self { averages, signal }
    }
}

impl<P: FastAndSlow, A: Average> Machine for Macd<P, A> {
    type Input = [f64; 1];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 3] {
        let [fast, slow] = self.averages.both(value);
        let macd = fast - slow;
        let signal = self.signal.follow(macd);
        if signal.is_nan() { [f64::NAN; 3] } else { [macd, signal, macd - signal] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn both_averages_begin_on_one_bar_and_the_signal_follows() {
        // slow over 3: -, -, 3, 4, 6; fast over 2, begun a bar late: -, -, 4, 14/3, 62/9
        let series = [1.0, 2.0, 6.0, 5.0, 8.0];
        let parameters = [("fastperiod", 2.into()), ("slowperiod", 3.into()), ("signalperiod", 2.into())];
        let values = run(&NODE, &[&series], &parameters);
        let (first, second, third) = (1.0, 2.0 / 3.0, 8.0 / 9.0);
        let signal = (first + second) / 2.0;
        let next = signal / 3.0 + third * 2.0 / 3.0;
        assert_close(&values[0], &[NAN, NAN, NAN, second, third]);
        assert_close(&values[1], &[NAN, NAN, NAN, signal, next]);
        assert_close(&values[2], &[NAN, NAN, NAN, second - signal, third - next]);
        let swapped = [("fastperiod", 3.into()), ("slowperiod", 2.into()), ("signalperiod", 2.into())];
        assert_close(&run(&NODE, &[&series], &swapped)[0], &values[0]);
    }
}

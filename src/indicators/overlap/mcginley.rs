//! `mcginley`: McGinley's dynamic average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "mcginley",
        family: "overlap",
        doc: "McGinley's dynamic: an average that hurries after a falling price and takes its time in a rise.",
        formula: "mcginley = mcginley[1] + (close - mcginley[1]) / max(constant * timeperiod * (close / mcginley[1])⁴, 1); the 1 keeps it from leaping past the price after a crash; the first value is the mean of the first timeperiod values",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 14, 1, "The period of the average that it stands for, in bars."),
            Parameter::number(
                "constant",
                0.6,
                0.01,
                100.0,
                "What the period is multiplied with; many charts leave it at 1.",
            ),
        ],
        outputs: &["mcginley"],
        example: "close > mcginley(close, 14)",
        source: "John R. McGinley, McGinley Dynamics, Journal of Technical Analysis 48, 1997.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let factor = arguments.number("constant")? * length as f64;
        Ok(Box::new(Dynamic { seed: Sma::new(length), factor, value: f64::NAN }))
    },
};

#[derive(Clone)]
struct Dynamic {
    seed: Sma,
    factor: f64,
    value: f64,
}

impl Average for Dynamic {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        if self.value.is_nan() {
            self.value = self.seed.next(value);
            return self.value;
        }
        let ratio = value / self.value;
        let square = ratio * ratio;
        // The maximum of NaN, which 0 / 0 gives, and 1 is 1.
        self.value += (value - self.value) / (self.factor * square * square).max(1.0);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_a_fall_faster_than_a_rise_and_never_leaps_past_it() {
        let parameters = [("timeperiod", 2.into()), ("constant", 1.into())];
        let values = run(&NODE, &[&[4.0, 6.0, 10.0, 1.0]], &parameters);
        // a rise to twice the average is divided by 2 * 16, a crash by 1
        assert_close(&values[0], &[NAN, 5.0, 5.0 + 5.0 / 32.0, 1.0]);
        let fall = run(&NODE, &[&[10.0, 10.0, 9.0]], &parameters);
        assert_close(&fall[0], &[NAN, 10.0, 10.0 - 1.0 / (2.0 * 0.6561)]);
    }
}

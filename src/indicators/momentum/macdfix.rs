//! `macdfix`: moving average convergence and divergence with fixed periods.

use crate::indicators::momentum::macd::Macd;
use crate::indicators::overlap::Ema;
use crate::indicators::window::Smoothing;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "macdfix",
        family: "momentum",
        doc: "macd with the fixed weights of old: 0.15 for the fast average and 0.075 for the slow one.",
        formula: "as macd over 12 and 26 bars, but with k = 0.15 and k = 0.075",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("signalperiod", 9, 1, "The period of the signal line, in bars.")],
        outputs: &["macd", "macdsignal", "macdhist"],
        example: "macdfix(close).macdhist > 0",
        source: "Gerald Appel, 1979; TA-Lib's MACDFIX.",
    },
    lookback: |arguments| Ok(25 + arguments.length("signalperiod")? - 1),
    machine: |arguments| {
        let averages = Smoothing::together([12, 26], [0.15, 0.075]);
        Ok(Box::new(Macd::new(averages, Ema::new(arguments.length("signalperiod")?))))
    },
};

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn a_step_parts_the_averages_by_the_difference_of_their_weights() {
        let mut series = [1.0; 27];
        series[26] = 2.0;
        let values = run(&NODE, &[&series], &[("signalperiod", 1.into())]);
        assert_close(&values[0][24..], &[NAN, 0.0, 0.075]);
    }
}

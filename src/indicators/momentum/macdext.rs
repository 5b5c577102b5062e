//! `macdext`: moving average convergence and divergence of any averages.

use crate::error::Result;
use crate::expr::Arguments;
use crate::indicators::average::{AverageKind, MovingAverage};
use crate::indicators::momentum::difference::{Choice, Pair, lookback};
use crate::indicators::momentum::macd::Macd;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "macdext",
        family: "momentum",
        doc: "macd with a kind of average for each line.",
        formula: "as macd, with ma(close, fastperiod, fastmatype) and so on",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("fastperiod", 12, 2, "The period of the fast average, in bars."),
            AverageKind::parameter("fastmatype", AverageKind::Simple, "The kind of the fast average."),
            Parameter::length("slowperiod", 26, 2, "The period of the slow average, in bars."),
            AverageKind::parameter("slowmatype", AverageKind::Simple, "The kind of the slow average."),
            Parameter::length("signalperiod", 9, 1, "The period of the signal line, in bars."),
            AverageKind::parameter("signalmatype", AverageKind::Simple, "The kind of the signal line."),
        ],
        outputs: &["macd", "macdsignal", "macdhist"],
        example: "macdext(close, #{ fastmatype: \"wma\" }).macd > 0",
        source: "TA-Lib's MACDEXT.",
    },
    lookback: |arguments| {
        let [fast, slow, signal] = choices(arguments)?;
        Ok(lookback(fast, slow) + signal.1.lookback(signal.0))
    },
    machine: |arguments| {
        let [fast, slow, signal] = choices(arguments)?;
        Ok(Box::new(Macd::new(Pair::together(fast, slow), MovingAverage::new(signal.1, signal.0))))
    },
};

fn choices(arguments: &Arguments) -> Result<[Choice; 3]> {
    let choice = |period, kind| Ok((arguments.length(period)?, AverageKind::of(arguments, kind)?));
    Ok([
        choice("fastperiod", "fastmatype")?,
        choice("slowperiod", "slowmatype")?,
        choice("signalperiod", "signalmatype")?,
    ])
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_difference_of_the_averages_that_were_asked_for() {
        // sma over 2: -, 1.5, 4, 5.5, 6.5; wma over 3: -, -, 23/6, 29/6, 40/6
        let parameters = [
            ("fastperiod", 2.into()),
            ("slowperiod", 3.into()),
            ("slowmatype", "wma".into()),
            ("signalperiod", 1.into()),
        ];
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 5.0, 8.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 4.0 - 23.0 / 6.0, 5.5 - 29.0 / 6.0, 6.5 - 40.0 / 6.0]);
    }
}

//! `ma`: a moving average of any kind.

use crate::indicators::average::{AverageKind, MovingAverage};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ma",
        family: "overlap",
        doc: "Moving average of the kind that matype names.",
        formula: "",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 30, 1, "The period of the average, in bars; over 1 bar it is the value."),
            AverageKind::parameter("matype", AverageKind::Simple, "The kind of the average."),
        ],
        outputs: &["ma"],
        example: "ma(close, 20, \"ema\")",
        source: "TA-Lib's MA.",
    },
    lookback: |arguments| Ok(AverageKind::of(arguments, "matype")?.lookback(arguments.length("timeperiod")?)),
    machine: |arguments| {
        // What was chosen is opened here, once, not on each bar.
        Ok(match MovingAverage::new(AverageKind::of(arguments, "matype")?, arguments.length("timeperiod")?) {
            MovingAverage::Simple(average) => Box::new(average),
            MovingAverage::Exponential(average) => Box::new(average),
            MovingAverage::Weighted(average) => Box::new(average),
            MovingAverage::DoubleExponential(average) => Box::new(average),
            MovingAverage::TripleExponential(average) => Box::new(average),
            MovingAverage::Triangular(average) => Box::new(average),
            MovingAverage::Adaptive(average) => Box::new(average),
            MovingAverage::T3(average) => Box::new(average),
            MovingAverage::Wilder(average) => Box::new(average),
        })
    },
};

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_of_the_kind_that_was_asked_for() {
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 5.0]], &[("timeperiod", 3.into()), ("matype", "ema".into())]);
        assert_close(&values[0], &[NAN, NAN, 3.0, 4.0]);
    }
}

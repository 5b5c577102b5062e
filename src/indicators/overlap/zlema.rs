//! `zlema`: the zero lag exponential moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "zlema",
        family: "overlap",
        doc: "Zero lag exponential moving average: an ema of the price plus its recent change.",
        formula: "ema(2 * close - close[lag], timeperiod), with lag = (timeperiod - 1) / 2 rounded down",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 2, "The period of the ema, in bars.")],
        outputs: &["zlema"],
        example: "zlema(close, 20)",
        source: "John Ehlers and Ric Way, 2010; TA-Lib's ZLEMA.",
    },
    lookback: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok((length - 1) / 2 + length - 1)
    },
    machine: |arguments| Ok(Box::new(Zlema::new(arguments.length("timeperiod")?))),
};

#[derive(Clone)]
struct Zlema {
    /// None where the lag is no bar at all.
    earlier: Option<Lag>,
    average: Ema,
}

impl Zlema {
    fn new(length: usize) -> Self {
        let lag = (length - 1) / 2;
        Self { earlier: (lag > 0).then(|| Lag::new(lag)), average: Ema::new(length) }
    }
}

impl Average for Zlema {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let earlier = self.earlier.as_mut().map_or(value, |lag| lag.push(value));
        self.average.follow(2.0 * value - earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_a_straight_line_without_lag() {
        let values = run(&NODE, &[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, 4.0, 5.0, 6.0]);
    }
}

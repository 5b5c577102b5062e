//! `fosc`: the forecast oscillator.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::statistic::height;
use crate::indicators::window::Weighted;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "fosc",
        family: "momentum",
        doc: "Forecast oscillator: how far the price is from what was forecast for it a bar ago, in percent of the price.",
        formula: "100 * (close - tsf(close, timeperiod)[1]) / close; 0 where close is 0",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 5, 2, "How many bars the line of the forecast is laid through.")],
        outputs: &["fosc"],
        example: "fosc(close, 5) > 0",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994; TA-Lib's FOSC.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Surprise { next: height(length, length), forecast: f64::NAN }))
    },
};

#[derive(Clone)]
struct Surprise {
    /// Where the line stands a bar on.
    next: Weighted,
    /// For this bar, from the bars before it.
    forecast: f64,
}

impl Average for Surprise {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let surprise = value - mem::replace(&mut self.forecast, self.next.push(value));
        if value == 0.0 && !surprise.is_nan() { 0.0 } else { 100.0 * surprise / value }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_what_the_line_did_not_foresee() {
        let values = run(&NODE, &[&[1.0, 3.0, 10.0, 0.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 50.0, 0.0]);
    }
}

//! `trix`: the rate of change of a triple ema.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "trix",
        family: "momentum",
        doc: "One bar rate of change of an ema of an ema of an ema, in percent.",
        formula: "roc(ema(ema(ema(close))), 1)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "The period of each ema, in bars.")],
        outputs: &["trix"],
        example: "trix(close, 15) > 0",
        source: "Jack Hutson, Stocks & Commodities, 1983; TA-Lib's TRIX.",
    },
    lookback: |arguments| Ok(3 * (arguments.length("timeperiod")? - 1) + 1),
    machine: |arguments| Ok(Box::new(Trix::new(arguments.length("timeperiod")?))),
};

#[derive(Clone)]
struct Trix {
    first: Ema,
    second: Ema,
    third: Ema,
    earlier: f64,
}

impl Trix {
    fn new(length: usize) -> Self {
        let average = || Ema::new(length);
        Self { first: average(), second: average(), third: average(), earlier: f64::NAN }
    }
}

impl Average for Trix {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let first = self.first.next(value);
        let second = self.second.follow(first);
        let third = self.third.follow(second);
        let earlier = mem::replace(&mut self.earlier, third);
        if earlier == 0.0 { 0.0 } else { (third / earlier - 1.0) * 100.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn over_one_bar_it_is_the_rate_of_change() {
        let values = run(&NODE, &[&[10.0, 12.0, 9.0]], &[("timeperiod", 1.into())]);
        assert_close(&values[0], &[NAN, 20.0, -25.0]);
    }
}

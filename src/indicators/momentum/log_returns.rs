//! `log_returns`: the change of the logarithm.

use crate::indicators::average::Average;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "log_returns",
        family: "momentum",
        doc: "Logarithmic return over so many bars: returns of consecutive spans add up.",
        formula: "ln(close / close[timeperiod]); not known where the quotient is not positive",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 1, 1, "How many bars the return spans.")],
        outputs: &["log_returns"],
        example: "log_returns(close, 5)",
        source: "The continuously compounded return of any textbook.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(LogReturns(Lag::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct LogReturns(Lag);

impl Average for LogReturns {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        (value / self.0.push(value)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_logarithm_and_unknown_at_and_after_what_is_not_positive() {
        let values = run(&NODE, &[&[1.0, 2.0, 0.0, 3.0, -3.0]], &[]);
        assert_close(&values[0], &[NAN, 2f64.ln(), NAN, NAN, NAN]);
    }
}

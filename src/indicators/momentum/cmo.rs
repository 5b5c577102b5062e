//! `cmo`: Chande's momentum oscillator.

use crate::indicators::average::Average;
use crate::indicators::momentum::rsi::Movements;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "cmo",
        family: "momentum",
        doc: "Chande's momentum oscillator: gains less losses as a part of all movement, -100 to 100.",
        formula: "100 * (g - l) / (g + l), where g and l are Wilder's averages of the gains and of the losses; 0 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "The period of Wilder's averages, in bars.")],
        outputs: &["cmo"],
        example: "cmo(close, 14) > 50",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994; TA-Lib's CMO.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Cmo(Movements::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Cmo(Movements);

impl Average for Cmo {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let [gain, loss] = self.0.next(value);
        let movement = gain + loss;
        if movement == 0.0 { 0.0 } else { 100.0 * (gain - loss) / movement }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_what_gains_exceed_losses_by() {
        // gains 3, 0, 2: average 1.5, then 1.75; losses 0, 1, 0: average 0.5, then 0.25
        let values = run(&NODE, &[&[10.0, 13.0, 12.0, 14.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 50.0, 75.0]);
    }
}

//! `cmou`: Chande's momentum oscillator as he defined it.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "cmou",
        family: "momentum",
        doc: "Chande's momentum oscillator, unsmoothed: gains less losses as a part of all movement of a window, -100 to 100.",
        formula: "100 * (g - l) / (g + l), where g and l are the sums of the last timeperiod gains and losses; \
                  0 where nothing has moved. cmo takes Wilder's averages for the sums",
        inputs: Inputs::Series(&["close"]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many changes are added up.")],
        outputs: &["cmou"],
        example: "cmou(close, 14) > 50",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994; TA-Lib's CMOU.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        let changes = Sliding::new(arguments.length("timeperiod")?);
        Ok(Box::new(Unsmoothed { previous: f64::NAN, changes }))
    },
};

#[derive(Clone)]
struct Unsmoothed {
    previous: f64,
    /// Gains and losses.
    changes: Sliding<(Sum, Sum)>,
}

impl Average for Unsmoothed {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let change = value - mem::replace(&mut self.previous, value);
        if change.is_nan() {
            return f64::NAN;
        }
        let Some((gains, losses)) = self.changes.push((change.max(0.0), (-change).max(0.0))) else {
            return f64::NAN;
        };
        let movement = gains.0 + losses.0;
        if movement == 0.0 { 0.0 } else { 100.0 * (gains.0 - losses.0) / movement }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_what_gains_exceed_losses_by_in_the_window() {
        let values = run(&NODE, &[&[10.0, 13.0, 12.0, 12.0, 12.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 50.0, -100.0, 0.0]);
    }
}

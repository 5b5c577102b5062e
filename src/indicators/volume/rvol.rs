//! `rvol`: the relative volume.

use std::mem;

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rvol",
        family: "volume",
        doc: "Relative volume: what was traded as a multiple of the mean of the bars before.",
        formula: "volume / sma(volume, timeperiod)[1]; 0 where nothing was traded before",
        inputs: Inputs::Bars(&[Field::Volume]),
        parameters: &[Parameter::length("timeperiod", 20, 1, "How many bars are averaged.")],
        outputs: &["rvol"],
        example: "rvol(day, 20) > 2",
        source: "TA-Lib's RVOL.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        Ok(Box::new(RelativeVolume { before: Sma::new(arguments.length("timeperiod")?), mean: f64::NAN }))
    },
};

#[derive(Clone)]
struct RelativeVolume {
    before: Sma,
    /// The mean of the bars before this one.
    mean: f64,
}

impl Average for RelativeVolume {
    #[inline(always)]
    fn next(&mut self, volume: f64) -> f64 {
        let mean = mem::replace(&mut self.mean, self.before.next(volume));
        if mean == 0.0 { 0.0 } else { volume / mean }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_a_multiple_of_the_mean_before() {
        let values = run(&NODE, &[&[1.0, 3.0, 5.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 2.5]);
    }
}

//! `efi`: Elder's force index.

use std::mem;

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "efi",
        family: "volume",
        doc: "Elder's force index: an ema of the change of the close times volume.",
        formula: "ema((close - close[1]) * volume, timeperiod)",
        inputs: Inputs::Bars(&[Field::Close, Field::Volume]),
        parameters: &[Parameter::length("timeperiod", 13, 1, "The period of the ema, in bars.")],
        outputs: &["efi"],
        example: "efi(day, 13) > 0",
        source: "Alexander Elder, Trading for a Living, 1993; TA-Lib's EFI.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        Ok(Box::new(Force { last_close: f64::NAN, average: Ema::new(arguments.length("timeperiod")?) }))
    },
};

#[derive(Clone)]
struct Force {
    last_close: f64,
    average: Ema,
}

impl Machine for Force {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [close, volume]: [f64; 2]) -> [f64; 1] {
        let change = close - mem::replace(&mut self.last_close, close);
        [self.average.follow(change * volume)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn averages_change_times_volume() {
        let values = run(&NODE, &[&[1.0, 3.0, 2.0], &[5.0, 4.0, 2.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 3.0]);
    }
}

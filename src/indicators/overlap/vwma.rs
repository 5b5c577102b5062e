//! `vwma`: the volume weighted moving average.

use crate::data::Field;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "vwma",
        family: "overlap",
        doc: "Volume weighted moving average: each close weighs as much as was traded.",
        formula: "sum(close * volume) / sum(volume); not known where nothing was traded",
        inputs: Inputs::Bars(&[Field::Close, Field::Volume]),
        parameters: &[Parameter::length("timeperiod", 30, 1, "How many bars are averaged.")],
        outputs: &["vwma"],
        example: "vwma(day, 20)",
        source: "TA-Lib's VWMA.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Vwma(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Vwma(Sliding<(Sum, Sum)>);

impl Machine for Vwma {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [close, volume]: [f64; 2]) -> [f64; 1] {
        [self.0.push((close * volume, volume)).map_or(f64::NAN, |(value, volume)| value.0 / volume.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn what_was_traded_weighs() {
        let values = run(&NODE, &[&[1.0, 3.0, 5.0], &[1.0, 3.0, 1.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 2.5, 3.5]);
    }
}

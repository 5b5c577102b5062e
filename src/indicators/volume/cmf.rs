//! `cmf`: the Chaikin money flow.

use crate::data::Field;
use crate::indicators::volume::flow::money_flow;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "cmf",
        family: "volume",
        doc: "Chaikin money flow: volume weighed by where each bar closes in its range, as a part of all volume, -1 to 1.",
        formula: "sum(m) / sum(volume), where m = ((close - low) - (high - close)) / (high - low) * volume, 0 where the range is 0; 0 where nothing was traded",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close, Field::Volume]),
        parameters: &[Parameter::length("timeperiod", 20, 1, "How many bars are looked at.")],
        outputs: &["cmf"],
        example: "cmf(day, 20) > 0",
        source: "Marc Chaikin; TA-Lib's CMF.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(ChaikinMoneyFlow(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct ChaikinMoneyFlow(Sliding<(Sum, Sum)>);

impl Machine for ChaikinMoneyFlow {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 4]) -> [f64; 1] {
        let (flow, volume) = self.0.slide((money_flow(bar), bar[3]));
        [if volume.0 == 0.0 { 0.0 } else { flow.0 / volume.0 }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_a_part_of_the_volume() {
        let values = run(&NODE, &[&[10.0, 10.0], &[8.0, 6.0], &[10.0, 7.0], &[6.0, 4.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 0.4]);
    }
}

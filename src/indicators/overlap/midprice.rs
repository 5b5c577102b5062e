//! `midprice`: the middle of the range.

use crate::data::Field;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "midprice",
        family: "overlap",
        doc: "Midpoint of the highest high and the lowest low.",
        formula: "(highest(high) + lowest(low)) / 2",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["midprice"],
        example: "midprice(day, 14)",
        source: "TA-Lib's MIDPRICE.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Midprice(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Midprice(Sliding<(Max, Min)>);

impl Machine for Midprice {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        [self.0.push((high, low)).map_or(f64::NAN, |(highest, lowest)| (highest.0 + lowest.0) / 2.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_halfway_between_the_extremes() {
        let values = run(&NODE, &[&[3.0, 5.0, 4.0], &[1.0, 2.0, 3.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 3.0, 3.5]);
    }
}

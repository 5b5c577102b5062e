//! `marketfi`: the market facilitation index.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "marketfi",
        family: "volume",
        doc: "Market facilitation index: how far the price moves for each unit traded, in price units.",
        formula: "(high - low) / volume; 0 where nothing was traded",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Volume]),
        parameters: &[],
        outputs: &["marketfi"],
        example: "marketfi(day) > marketfi(day)[1]",
        source: "Bill Williams, Trading Chaos, 1995; TA-Lib's MARKETFI.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Facilitation)),
};

#[derive(Clone)]
struct Facilitation;

impl Machine for Facilitation {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, volume]: [f64; 3]) -> [f64; 1] {
        [if volume == 0.0 { 0.0 } else { (high - low) / volume }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_the_range_for_a_unit() {
        assert_eq!(run(&NODE, &[&[9.0, 9.0], &[6.0, 6.0], &[4.0, 0.0]], &[])[0], [0.75, 0.0]);
    }
}

//! `medprice`: the median price.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "medprice",
        family: "price",
        doc: "Middle of the bar.",
        formula: "(high + low) / 2",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[],
        outputs: &["medprice"],
        example: "sma(medprice(day), 20)",
        source: "TA-Lib's MEDPRICE.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(MedianPrice)),
};

#[derive(Clone)]
struct MedianPrice;

impl Machine for MedianPrice {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        [(high + low) / 2.0]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_made_of_the_bar_alone() {
        assert_eq!(run(&NODE, &[&[9.0], &[4.0]], &[])[0], [6.5]);
    }
}

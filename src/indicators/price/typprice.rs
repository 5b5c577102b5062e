//! `typprice`: the typical price.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "typprice",
        family: "price",
        doc: "Typical price of the bar.",
        formula: "(high + low + close) / 3",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["typprice"],
        example: "sma(typprice(day), 20)",
        source: "TA-Lib's TYPPRICE.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(TypicalPrice)),
};

#[derive(Clone)]
struct TypicalPrice;

impl Machine for TypicalPrice {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        [(high + low + close) / 3.0]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_the_mean_of_three() {
        assert_eq!(run(&NODE, &[&[9.0], &[3.0], &[6.0]], &[])[0], [6.0]);
    }
}

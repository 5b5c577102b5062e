//! `avgprice`: the average price.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "avgprice",
        family: "price",
        doc: "Average price of the bar.",
        formula: "(open + high + low + close) / 4",
        inputs: Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["avgprice"],
        example: "sma(avgprice(day), 20)",
        source: "TA-Lib's AVGPRICE.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(AveragePrice)),
};

#[derive(Clone)]
struct AveragePrice;

impl Machine for AveragePrice {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [open, high, low, close]: [f64; 4]) -> [f64; 1] {
        [(open + high + low + close) / 4.0]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_made_of_the_bar_alone() {
        assert_eq!(run(&NODE, &[&[8.0], &[9.0], &[3.0], &[6.0]], &[])[0], [6.5]);
    }
}

//! `wclprice`: the weighted close.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "wclprice",
        family: "price",
        doc: "Price of the bar with the close counted twice.",
        formula: "(high + low + 2 * close) / 4",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["wclprice"],
        example: "sma(wclprice(day), 20)",
        source: "TA-Lib's WCLPRICE.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(WeightedClose)),
};

#[derive(Clone)]
struct WeightedClose;

impl Machine for WeightedClose {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        [(high + low + 2.0 * close) / 4.0]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_made_of_the_bar_alone() {
        assert_eq!(run(&NODE, &[&[9.0], &[3.0], &[6.0]], &[])[0], [6.0]);
    }
}

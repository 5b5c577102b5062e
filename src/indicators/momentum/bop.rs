//! `bop`: the balance of power.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "bop",
        family: "momentum",
        doc: "Balance of power: the body of the bar as a part of its range, -1 to 1.",
        formula: "(close - open) / (high - low); 0 where the range is 0",
        inputs: Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["bop"],
        example: "sma(bop(day), 14)",
        source: "Igor Livshin, Stocks & Commodities, August 2001; TA-Lib's BOP.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(BalanceOfPower)),
};

#[derive(Clone)]
struct BalanceOfPower;

impl Machine for BalanceOfPower {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [open, high, low, close]: [f64; 4]) -> [f64; 1] {
        let range = high - low;
        [if range == 0.0 { 0.0 } else { (close - open) / range }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_the_body_over_the_range() {
        assert_eq!(run(&NODE, &[&[3.0, 5.0], &[5.0, 5.0], &[1.0, 5.0], &[2.0, 5.0]], &[])[0], [-0.25, 0.0]);
    }
}

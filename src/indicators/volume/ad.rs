//! `ad`: the accumulation/distribution line.

use crate::data::Field;
use crate::indicators::volume::flow::money_flow;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ad",
        family: "volume",
        doc: "Accumulation/distribution line: a running total of volume, weighed by where each bar closes in its range.",
        formula: "ad = ad[1] + ((close - low) - (high - close)) / (high - low) * volume, 0 where the range is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close, Field::Volume]),
        parameters: &[],
        outputs: &["ad"],
        example: "ad(day) > sma(ad(day), 20)",
        source: "Marc Chaikin; TA-Lib's AD.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Accumulation(0.0))),
};

#[derive(Clone)]
struct Accumulation(f64);

impl Machine for Accumulation {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 4]) -> [f64; 1] {
        self.0 += money_flow(bar);
        [self.0]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn adds_up_the_flow() {
        let values = run(&NODE, &[&[10.0, 10.0], &[8.0, 6.0], &[10.0, 7.0], &[6.0, 4.0]], &[]);
        assert_eq!(values[0], [6.0, 4.0]);
    }
}

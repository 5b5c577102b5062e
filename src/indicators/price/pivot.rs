//! `pivot`: classic pivot points.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "pivot",
        family: "price",
        doc: "Classic pivot points of a bar: levels for the time after it. On finer bars those of the last coarser bar that has closed are seen: on a Wednesday last week's, and at Friday's close those of the week that ends with it, for the next one.",
        formula: "pivot = (high + low + close) / 3; r1 = 2 * pivot - low; s1 = 2 * pivot - high; r2 and s2 = pivot ± (high - low); r3 = high + 2 * (pivot - low); s3 = low - 2 * (high - pivot)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["pivot", "r1", "s1", "r2", "s2", "r3", "s3"],
        example: "day.close > pivot(week).r1",
        source: "The floor traders' pivots; John Person, A Complete Guide to Technical Trading Tactics, 2004.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Pivot)),
};

#[derive(Clone)]
struct Pivot;

impl Machine for Pivot {
    type Input = [f64; 3];
    type Output = [f64; 7];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 7] {
        let (pivot, range) = ((high + low + close) / 3.0, high - low);
        [
            pivot,
            2.0 * pivot - low,
            2.0 * pivot - high,
            pivot + range,
            pivot - range,
            high + 2.0 * (pivot - low),
            low - 2.0 * (high - pivot),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn lie_around_the_typical_price() {
        let values = run(&NODE, &[&[120.0], &[90.0], &[105.0]], &[]);
        assert_eq!(values.concat(), [105.0, 120.0, 90.0, 135.0, 75.0, 150.0, 60.0]);
    }
}

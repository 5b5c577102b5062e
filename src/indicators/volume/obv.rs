//! `obv`: on balance volume.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "obv",
        family: "volume",
        doc: "On balance volume: a running total of volume, added on a higher close, taken off on a lower one.",
        formula: "obv = obv[1] + sign(close - close[1]) * volume; it begins as the volume of the first bar",
        inputs: Inputs::Bars(&[Field::Close, Field::Volume]),
        parameters: &[],
        outputs: &["obv"],
        example: "obv(day) > sma(obv(day), 20)",
        source: "Joseph Granville, New Key to Stock Market Profits, 1963; TA-Lib's OBV.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(OnBalanceVolume { last_close: f64::NEG_INFINITY, total: 0.0 })),
};

#[derive(Clone)]
struct OnBalanceVolume {
    last_close: f64,
    total: f64,
}

impl Machine for OnBalanceVolume {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [close, volume]: [f64; 2]) -> [f64; 1] {
        // A sign for a branch: which way the close goes is a coin toss.
        let direction = f64::from(close > self.last_close) - f64::from(close < self.last_close);
        self.total += direction * volume;
        self.last_close = close;
        [self.total]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn follows_the_direction_of_the_close() {
        let values = run(&NODE, &[&[5.0, 6.0, 6.0, 4.0], &[10.0, 20.0, 40.0, 80.0]], &[]);
        assert_eq!(values[0], [10.0, 30.0, 30.0, -50.0]);
    }
}

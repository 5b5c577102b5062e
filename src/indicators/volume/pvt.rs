//! `pvt`: the price volume trend.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "pvt",
        family: "volume",
        doc: "Price volume trend: a running total of volume times the relative change of the close.",
        formula: "pvt = pvt[1] + volume * (close - close[1]) / close[1]; it begins at 0; nothing is added where close[1] is 0",
        inputs: Inputs::Bars(&[Field::Close, Field::Volume]),
        parameters: &[],
        outputs: &["pvt"],
        example: "pvt(day) > sma(pvt(day), 20)",
        source: "TA-Lib's PVT.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(PriceVolume { last_close: 0.0, total: 0.0 })),
};

#[derive(Clone)]
struct PriceVolume {
    last_close: f64,
    total: f64,
}

impl Machine for PriceVolume {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [close, volume]: [f64; 2]) -> [f64; 1] {
        if self.last_close != 0.0 {
            self.total += volume * (close - self.last_close) / self.last_close;
        }
        self.last_close = close;
        [self.total]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    #[test]
    fn adds_relative_changes_up() {
        let values = run(&NODE, &[&[10.0, 11.0, 22.0], &[5.0, 4.0, 6.0]], &[]);
        assert_close(&values[0], &[0.0, 0.4, 6.4]);
    }
}

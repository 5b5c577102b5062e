//! `vwap`: the volume weighted average price.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "vwap",
        family: "volume",
        doc: "Volume weighted average price of all bars since the first.",
        formula: "cumsum(typprice * volume) / cumsum(volume); 0 before anything is traded",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close, Field::Volume]),
        parameters: &[],
        outputs: &["vwap"],
        example: "close > vwap(day)",
        source: "TA-Lib's VWAP.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Vwap { value: 0.0, volume: 0.0 })),
};

#[derive(Clone)]
struct Vwap {
    /// What all that was traded was worth.
    value: f64,
    volume: f64,
}

impl Machine for Vwap {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close, volume]: [f64; 4]) -> [f64; 1] {
        self.value += (high + low + close) / 3.0 * volume;
        self.volume += volume;
        [if self.volume == 0.0 { 0.0 } else { self.value / self.volume }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    #[test]
    fn weighs_each_bar_by_what_was_traded() {
        let values = run(&NODE, &[&[6.0; 4], &[3.0, 3.0, 0.0, 6.0], &[3.0, 3.0, 0.0, 6.0], &[0.0, 3.0, 1.0, 0.0]], &[]);
        assert_close(&values[0], &[0.0, 4.0, 3.5, 3.5]);
    }
}

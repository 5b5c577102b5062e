//! `pvi`: the positive volume index.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "pvi",
        family: "volume",
        doc: "Positive volume index: what 1000 would have become on the bars on which more units were traded than on the bar before.",
        formula: "pvi = pvi[1] * close / close[1] where volume > volume[1]; it begins at 1000",
        inputs: Inputs::Bars(&[Field::Close, Field::Volume]),
        parameters: &[],
        outputs: &["pvi"],
        example: "pvi(day) > ema(pvi(day), 255)",
        source: "Paul Dysart, 1936; TA-Lib's PVI.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(PositiveVolume { last: None, value: 1000.0 })),
};

#[derive(Clone)]
struct PositiveVolume {
    /// Close and volume of the last bar.
    last: Option<[f64; 2]>,
    value: f64,
}

impl Machine for PositiveVolume {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        let [close, volume] = bar;
        if let Some([last_close, last_volume]) = self.last.replace(bar)
            && volume > last_volume
            && last_close != 0.0
        {
            self.value *= close / last_close;
        }
        [self.value]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    #[test]
    fn moves_only_when_more_units_are_traded() {
        let values = run(&NODE, &[&[10.0, 11.0, 22.0], &[5.0, 4.0, 6.0]], &[]);
        assert_close(&values[0], &[1000.0, 1000.0, 2000.0]);
    }
}

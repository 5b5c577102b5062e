//! `anchored_vwap`: the volume-weighted average price since an event.

use crate::indicators::volume::weighted::Weighted;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "anchored_vwap",
        family: "volume",
        doc: "Volume-weighted average price since the last bar whose anchor is not 0, that bar included, with lines some deviations above and below. Not known before the first anchor, nor where nothing has been traded since.",
        formula: "vwap = sum(price * volume) / sum(volume); the lines are nbdev * sqrt(sum(volume * (price - vwap)²) / sum(volume)) away",
        inputs: Inputs::Series(&["price", "volume", "anchor"]),
        parameters: &[Parameter::number("nbdev", 1.0, 0.0, f64::MAX, "Deviations from the average to each line.")],
        outputs: &["vwap", "upperband", "lowerband"],
        example: "anchored_vwap(typprice(day), day.volume, select(day.low <= lowest(day.low, 250), 1, 0)).vwap",
        source: "Paul Levine, The MIDAS Technical Analysis Method, 1995; Brian Shannon, Maximum Trading Gains with Anchored VWAP, 2023.",
    },
    lookback: |_| Ok(0),
    machine: |arguments| Ok(Box::new(Anchored { sums: None, factor: arguments.number("nbdev")? })),
};

#[derive(Clone)]
struct Anchored {
    sums: Option<Weighted>,
    factor: f64,
}

impl Machine for Anchored {
    type Input = [f64; 3];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, [price, volume, anchor]: [f64; 3]) -> [f64; 3] {
        if anchor != 0.0 {
            self.sums = Some(Weighted::default());
        }
        self.sums.as_mut().map_or([f64::NAN; 3], |sums| sums.next(price, volume, self.factor))
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn begins_anew_at_each_anchor() {
        let (price, volume) = ([9.0, 2.0, 6.0, 6.0, 8.0], [5.0, 1.0, 3.0, 0.0, 7.0]);
        let values = run(&NODE, &[&price, &volume, &[0.0, 1.0, 0.0, 1.0, 0.0]], &[("nbdev", 2.into())]);
        assert_close(&values[0], &[NAN, 2.0, 5.0, NAN, 8.0]);
        let width = 2.0 * 3f64.sqrt();
        assert_close(&values[1], &[NAN, 2.0, 5.0 + width, NAN, 8.0]);
        assert_close(&values[2], &[NAN, 2.0, 5.0 - width, NAN, 8.0]);
    }
}

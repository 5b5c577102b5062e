//! `ha`: Heikin-Ashi bars.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ha",
        family: "price",
        doc: "Heikin-Ashi bars: bars smoothed with the bars before them.",
        formula: "haclose = (open + high + low + close) / 4; haopen = (haopen[1] + haclose[1]) / 2, begun at (open + close) / 2; hahigh = max(high, haopen, haclose); halow = min(low, haopen, haclose)",
        inputs: Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["haopen", "hahigh", "halow", "haclose"],
        example: "ha(day).haclose > ha(day).haopen",
        source: "Munehisa Homma, 18th century; TA-Lib's HA.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(HeikinAshi(None))),
};

/// The open of the next bar.
#[derive(Clone)]
struct HeikinAshi(Option<f64>);

impl Machine for HeikinAshi {
    type Input = [f64; 4];
    type Output = [f64; 4];

    #[inline(always)]
    fn update(&mut self, [open, high, low, close]: [f64; 4]) -> [f64; 4] {
        let first = self.0.unwrap_or((open + close) / 2.0);
        let last = (open + high + low + close) / 4.0;
        self.0 = Some((first + last) / 2.0);
        [first, high.max(first).max(last), low.min(first).min(last), last]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn a_bar_opens_in_the_middle_of_the_last() {
        let values = run(&NODE, &[&[1.0, 6.0], &[4.0, 8.0], &[0.0, 6.0], &[3.0, 8.0]], &[]);
        assert_eq!(values, [[2.0, 2.0], [4.0, 8.0], [0.0, 2.0], [2.0, 7.0]]);
    }
}

//! `wad`: Williams' accumulation/distribution.

use std::cmp::Ordering;
use std::mem;

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "wad",
        family: "momentum",
        doc: "Williams' accumulation/distribution: a running total of how far closes are from the far end of their true range.",
        formula: "wad = wad[1] + close - min(low, close[1]) on a higher close, + close - max(high, close[1]) on a lower one; \
                  it begins at 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["wad"],
        example: "wad(day) > sma(wad(day), 20)",
        source: "Larry Williams, How I Made One Million Dollars … Last Year … Trading Commodities, 1973; TA-Lib's WAD.",
    },
    lookback: |_| Ok(0),
    machine: |_| Ok(Box::new(Accumulation { last_close: f64::NAN, total: 0.0 })),
};

#[derive(Clone)]
struct Accumulation {
    last_close: f64,
    total: f64,
}

impl Machine for Accumulation {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        let last = mem::replace(&mut self.last_close, close);
        self.total += match close.partial_cmp(&last) {
            Some(Ordering::Greater) => close - low.min(last),
            Some(Ordering::Less) => close - high.max(last),
            Some(Ordering::Equal) | None => 0.0,
        };
        [self.total]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    #[test]
    fn adds_the_distance_from_the_far_end() {
        let (high, low) = ([6.0, 9.0, 8.0, 7.0], [4.0, 6.0, 3.0, 3.0]);
        let values = run(&NODE, &[&high, &low, &[5.0, 8.0, 4.0, 4.0]], &[]);
        // up: 8 - min(6, 5); down: 4 - max(8, 8); unchanged
        assert_close(&values[0], &[0.0, 3.0, -1.0, -1.0]);
    }
}

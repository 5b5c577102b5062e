//! `trange`: the true range.

use std::mem;

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "trange",
        family: "volatility",
        doc: "True range: the range of the bar, the gap from the last close included, in price units.",
        formula: "max(high - low, abs(high - close[1]), abs(low - close[1]))",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[],
        outputs: &["trange"],
        example: "trange(day)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's TRANGE.",
    },
    lookback: |_| Ok(1),
    machine: |_| Ok(Box::new(TrueRange::default())),
};

/// The range of a bar, the gap from the last close included: from the lower of its low and that close
/// to the higher of its high and that close. Of a high that is not below its low, that is the formula
/// above, in two steps less. NaN where the last close is not known.
#[inline(always)]
pub fn true_range(high: f64, low: f64, last_close: f64) -> f64 {
    // Comparisons for `max` and `min`, which pass NaN over.
    let top = if high > last_close { high } else { last_close };
    let bottom = if low < last_close { low } else { last_close };
    top - bottom
}

/// The true range bar by bar; NaN on the first.
#[derive(Clone)]
pub struct TrueRange {
    last_close: f64,
}

impl Default for TrueRange {
    fn default() -> Self {
        Self { last_close: f64::NAN }
    }
}

impl TrueRange {
    /// Takes the next bar; NaN on the first.
    #[inline(always)]
    pub fn next(&mut self, [high, low, close]: [f64; 3]) -> f64 {
        true_range(high, low, mem::replace(&mut self.last_close, close))
    }
}

impl Machine for TrueRange {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        [self.next(bar)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_the_gap_from_the_last_close() {
        let (high, low) = ([10.0, 12.0, 20.0, 9.0], [8.0, 9.0, 19.0, 7.0]);
        let values = run(&NODE, &[&high, &low, &[9.0, 11.0, 19.0, 8.0]], &[]);
        assert_close(&values[0], &[NAN, 3.0, 9.0, 12.0]);
    }
}

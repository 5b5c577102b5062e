//! `adx`: the average directional movement index.

use crate::data::Field;
use crate::indicators::momentum::directional::{Directional, directional_index};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "adx",
        family: "momentum",
        doc: "Average directional movement index: how strong the trend is, whichever way it goes, 0 to 100.",
        formula: "Wilder's average of dx, begun as the mean of its first timeperiod values; \
                  a bar without movement leaves it as it is",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "The period of all of Wilder's averages, in bars.")],
        outputs: &["adx"],
        example: "adx(day, 14) > 25",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's ADX.",
    },
    lookback: |arguments| Ok(2 * arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Adx::new(arguments.length("timeperiod")?))),
};

/// An average of directional indices.
#[derive(Clone)]
pub struct Adx {
    directional: Directional,
    seen: usize,
    length: usize,
    value: f64,
    keep: f64,
    weight: f64,
}

impl Adx {
    pub fn new(length: usize) -> Self {
        let weight = 1.0 / length as f64;
        Self { directional: Directional::new(length), seen: 0, length, value: 0.0, keep: 1.0 - weight, weight }
    }

    /// Takes the next bar's high, low and close.
    #[inline(always)]
    pub fn next(&mut self, bar: [f64; 3]) -> f64 {
        let Some(indicators) = self.directional.next(bar) else {
            return f64::NAN;
        };
        let index = directional_index(indicators);
        if self.seen < self.length {
            self.seen += 1;
            self.value += index.unwrap_or(0.0) * self.weight;
            return if self.seen < self.length { f64::NAN } else { self.value };
        }
        if let Some(index) = index {
            self.value = self.value * self.keep + index * self.weight;
        }
        self.value
    }
}

impl Machine for Adx {
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
    fn is_100_in_a_trend_without_a_setback_and_0_without_movement() {
        let high: Vec<f64> = (0..6).map(|i| 10.0 + f64::from(i)).collect();
        let low: Vec<f64> = high.iter().map(|value| value - 1.0).collect();
        let trend = run(&NODE, &[&high, &low, &high], &[("timeperiod", 2.into())]);
        assert_close(&trend[0], &[NAN, NAN, NAN, 100.0, 100.0, 100.0]);
        let flat = [5.0; 5];
        let still = run(&NODE, &[&flat, &flat, &flat], &[("timeperiod", 2.into())]);
        assert_close(&still[0], &[NAN, NAN, NAN, 0.0, 0.0]);
    }
}

//! Columns as a browser takes them: as few points as it can draw, packed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::time::Timestamp;

/// Several bars become one point where there are too many.
pub(super) struct Thinning {
    step: usize,
}

impl Thinning {
    pub fn new(bars: usize, points: usize) -> Self {
        Self { step: bars.div_ceil(points).max(1) }
    }

    /// When each point begins, in seconds: doubles, packed.
    pub fn times(&self, instants: &[i64]) -> Value {
        packed(instants.iter().step_by(self.step).flat_map(|instant| (seconds(*instant) as f64).to_le_bytes()))
    }

    /// What `pick` makes of the known values of each point: floats, packed; NaN where none is known.
    pub fn column(&self, values: &[f64], pick: fn(&[f64]) -> f64) -> Value {
        let mut known = Vec::with_capacity(self.step);
        let point = |chunk: &[f64]| {
            known.clear();
            known.extend(chunk.iter().copied().filter(|value| value.is_finite()));
            (pick(&known) as f32).to_le_bytes()
        };
        packed(values.chunks(self.step).flat_map(point))
    }
}

/// Little-endian numbers in base 64: a third of what they take as text, and read at once.
fn packed(bytes: impl Iterator<Item = u8>) -> Value {
    json!(STANDARD.encode(bytes.collect::<Vec<u8>>()))
}

pub(super) fn first_of(values: &[f64]) -> f64 {
    values.first().copied().unwrap_or(f64::NAN)
}

pub(super) fn last(values: &[f64]) -> f64 {
    values.last().copied().unwrap_or(f64::NAN)
}

pub(super) fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}

pub(super) fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}

pub(super) fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// An instant in seconds, as the charts have it.
pub(in crate::report) fn seconds(instant: i64) -> i64 {
    instant.div_euclid(Timestamp::SECOND)
}

/// A number with the seven digits that a chart can show; null where it is none.
pub(in crate::report) fn brief(value: f64) -> Value {
    let rounded: f64 = format!("{value:.6e}").parse().unwrap_or(f64::NAN);
    if rounded.is_finite() { json!(rounded) } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(value: &Value) -> Vec<f32> {
        let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
        bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
    }

    #[test]
    fn thinned_bars_keep_first_highest_lowest_and_last() {
        let thinning = Thinning::new(5, 2);
        let values = [3.0, f64::NAN, 1.0, f64::NAN, f64::NAN];
        assert_eq!(thinning.step, 3);
        // Two doubles: 0 and 3.
        assert_eq!(thinning.times(&[0, 1, 2, 3_000_000, 4]), json!("AAAAAAAAAAAAAAAAAAAIQA=="));
        for (pick, expected) in [(first_of as fn(&[f64]) -> f64, 3.0), (highest, 3.0), (lowest, 1.0), (last, 1.0)] {
            let points = unpacked(&thinning.column(&values, pick));
            assert_eq!((points.len(), points[0]), (2, expected));
            assert!(points[1].is_nan());
        }
        assert_eq!(unpacked(&thinning.column(&[1.0, f64::NAN, 2.0], sum)), [3.0]);
        assert!(unpacked(&Thinning::new(0, 2).column(&[], last)).is_empty());
    }

    #[test]
    fn numbers_are_brief() {
        assert_eq!(brief(1.0 / 3.0), json!(0.3333333));
        assert_eq!(brief(1_234_567.89), json!(1_234_568.0));
        assert_eq!(brief(f64::NAN), Value::Null);
    }
}

//! The lowest and the highest of many numbers.

/// How many are compared side by side: one by one, each comparison would wait for the one before.
const LANES: usize = 8;

/// The lowest of some values; NaN is passed over. Infinity where there is none.
pub fn lowest(values: &[f64]) -> f64 {
    across(values, f64::INFINITY, |a, b| b < a)
}

/// The highest of some values; NaN is passed over. Minus infinity where there is none.
pub fn highest(values: &[f64]) -> f64 {
    across(values, f64::NEG_INFINITY, |a, b| b > a)
}

#[inline(always)]
fn across(values: &[f64], none: f64, is_beaten: impl Fn(f64, f64) -> bool) -> f64 {
    let better = |a: f64, b: f64| if is_beaten(a, b) { b } else { a };
    let mut lanes = [none; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = better(*lane, *value);
        }
    }
    lanes.iter().chain(rest).copied().fold(none, better)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_those_of_the_values_one_by_one(
            values in prop::collection::vec(prop_oneof![-9.0..9.0, Just(f64::NAN)], 0..50),
        ) {
            prop_assert_eq!(lowest(&values), values.iter().copied().fold(f64::INFINITY, f64::min));
            prop_assert_eq!(highest(&values), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
    }
}

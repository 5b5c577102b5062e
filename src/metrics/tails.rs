//! Tails: the quantiles at both ends of a column of returns.

use crate::data::long_vector;
use crate::metrics::defined;
use crate::metrics::sums::mean;

/// The worst and the best returns: quantiles, interpolated between neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// The quantile at 1 %: one return of a hundred is worse.
    pub first: f64,
    /// The quantile at 5 %: the historical value at risk (as empyrical).
    pub fifth: f64,
    /// The quantile at 95 %.
    pub ninety_fifth: f64,
    /// The quantile at 99 %.
    pub ninety_ninth: f64,
    /// The mean of the lowest 5 %: the historical conditional value at risk, or expected shortfall (as
    /// empyrical).
    pub shortfall: f64,
}

impl Tails {
    /// The tails of a column: linear in its length, for it is not sorted. None without values.
    pub fn of(values: &[f64]) -> Option<Self> {
        let last = values.len().checked_sub(1)?;
        let positions = [0.01, 0.05, 0.95, 0.99].map(|share| last as f64 * share);
        let mut ranks = positions.map(|position| position as usize).to_vec();
        ranks.extend(positions.map(|position| last.min(position as usize + 1)));
        ranks.sort_unstable();
        ranks.dedup();
        let mut keys = long_vector(values.len());
        keys.extend(values.iter().map(|value| key(*value)));
        place(&mut keys, &ranks, 0);
        let [first, fifth, ninety_fifth, ninety_ninth] = positions.map(|position| {
            let (low, high) = (value(keys[position as usize]), value(keys[last.min(position as usize + 1)]));
            low + (high - low) * position.fract()
        });
        let worst: Vec<f64> = keys[..=positions[1] as usize].iter().map(|key| value(*key)).collect();
        let shortfall = mean(&worst)?;
        Some(Self { first, fifth, ninety_fifth, ninety_ninth, shortfall })
    }

    /// The quantile at 95 % over that at 5 %, as magnitudes (as empyrical and quantstats). None where the
    /// latter is zero.
    pub fn ratio(&self) -> Option<f64> {
        defined((self.ninety_fifth / self.fifth).abs())
    }
}

/// An integer that stands among others as the number does in [`f64::total_cmp`]: integers are placed in a sixth less time.
fn key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

/// The number of a key.
fn value(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) & i64::MAX)).cast_unsigned())
}

/// Puts the values of these ranks, which ascend, where sorting would; nothing greater stands before
/// them, nothing smaller after. `offset` is the rank of the first value.
fn place(values: &mut [i64], ranks: &[usize], offset: usize) {
    let middle = ranks.len() / 2;
    let Some(rank) = ranks.get(middle) else { return };
    let (below, _, above) = values.select_nth_unstable(rank - offset);
    place(below, &ranks[..middle], offset);
    place(above, &ranks[middle + 1..], rank + 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow and obvious way: sort.
    fn quantile(values: &[f64], share: f64) -> f64 {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let position = (values.len() - 1) as f64 * share;
        let (low, high) = (position.floor() as usize, position.ceil() as usize);
        values[low] * (1.0 - position.fract()) + values[high] * position.fract()
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_column(values in prop::collection::vec(-9_i32..9, 1..400)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let tails = Tails::of(&values).unwrap();
            let ours = [tails.first, tails.fifth, tails.ninety_fifth, tails.ninety_ninth];
            for (ours, share) in ours.iter().zip([0.01, 0.05, 0.95, 0.99]) {
                prop_assert!((ours - quantile(&values, share)).abs() < 1e-12);
            }
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let worst = &sorted[..=((values.len() - 1) as f64 * 0.05) as usize];
            prop_assert!((tails.shortfall - worst.iter().sum::<f64>() / worst.len() as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn tails_of_nothing() {
        assert_eq!(Tails::of(&[]), None);
        let flat = Tails::of(&[0.0; 40]).unwrap();
        assert_eq!((flat.fifth, flat.shortfall, flat.ratio()), (0.0, 0.0, None));
    }
}

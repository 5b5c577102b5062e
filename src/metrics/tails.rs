//! Tails: the quantiles at both ends of a column of returns.

use crate::metrics::defined;
use crate::metrics::sums::mean;

/// By so many leading bits values are told apart before any are put in order.
const LEADING_BITS: u32 = 14;

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
    /// The tails of a column: linear in its length, for only what lies in them is put in order. None without values.
    pub fn of(values: &[f64]) -> Option<Self> {
        let last = values.len().checked_sub(1)?;
        let positions = [0.01, 0.05, 0.95, 0.99].map(|share| last as f64 * share);
        let mut keys = outer(values, positions[1] as usize + 1, last - positions[2] as usize);
        // Without those between the tails.
        let (dropped, last) = (values.len() - keys.len(), keys.len() - 1);
        let positions = [positions[0], positions[1], positions[2] - dropped as f64, positions[3] - dropped as f64];
        let mut ranks = positions.map(|position| position as usize).to_vec();
        ranks.extend(positions.map(|position| last.min(position as usize + 1)));
        ranks.sort_unstable();
        ranks.dedup();
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

/// The keys of the values up to the rank `lowest`, of those down to the rank `highest` counted from above, and of
/// others near them: they are told by their leading bits, so that most of a long column is only counted.
fn outer(values: &[f64], lowest: usize, highest: usize) -> Vec<i64> {
    let mut counts = vec![0; 1 << LEADING_BITS];
    values.iter().for_each(|value| counts[bucket(key(*value))] += 1);
    // How many buckets hold more values than a rank.
    let reach = |counts: &mut dyn Iterator<Item = &usize>, rank: usize| {
        let counted = counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        counted.take_while(|counted| *counted <= rank).count() + 1
    };
    let low_end = reach(&mut counts.iter(), lowest);
    let high_start = counts.len().saturating_sub(reach(&mut counts.iter().rev(), highest));
    let is_outer = |key: &i64| bucket(*key) < low_end || bucket(*key) >= high_start;
    values.iter().map(|value| key(*value)).filter(is_outer).collect()
}

/// An integer that stands among others as the number does in [`f64::total_cmp`].
fn key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

/// The leading bits of a key: sign, exponent and the beginning of the fraction. They stand as the keys do.
fn bucket(key: i64) -> usize {
    ((key ^ i64::MIN).cast_unsigned() >> (64 - LEADING_BITS)) as usize
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

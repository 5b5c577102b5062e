//! Ranks: where a value stands among those of the training range.

use serde::{Deserialize, Serialize};

use crate::models::samples::scaler::quantile;

/// How many quantiles are kept at most: steps of half a per cent.
const MOST: usize = 201;

/// The empirical distribution of a column, kept as quantiles at even steps of probability, the least value
/// first and the greatest last.
///
/// A value becomes `2 F(value) - 1`, within -1 and 1, where `F` is the share of training values below it:
/// linear between quantiles, and at the ends beyond them. Where many values are equal, `F` is the middle of
/// their shares. This is scikit-learn's `QuantileTransformer` with a uniform output, spread over -1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranks {
    /// In order; at least two, the first below the last.
    pub quantiles: Vec<f64>,
}

impl Ranks {
    /// The distribution of values, all of them finite; none where they do not differ.
    pub fn fit(mut values: Vec<f64>) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        if values.first()? >= values.last()? {
            return None;
        }
        let count = values.len().min(MOST);
        let share = |step: usize| step as f64 / (count - 1) as f64;
        let quantiles = (0..count).map(|step| quantile(&values, share(step))).collect::<Option<Vec<f64>>>()?;
        Some(Self { quantiles })
    }

    /// A value as a network sees it; NaN for NaN.
    pub fn apply(&self, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        let below = self.quantiles.partition_point(|quantile| *quantile < value);
        let up_to = self.quantiles.partition_point(|quantile| *quantile <= value);
        let last = self.quantiles.len().saturating_sub(1);
        let position = if up_to > below {
            // It is a quantile, or several equal ones: the middle of their steps.
            (below + up_to - 1) as f64 / 2.0
        } else if below == 0 {
            0.0
        } else {
            match (self.quantiles.get(below - 1), self.quantiles.get(below)) {
                (Some(low), Some(high)) => (below - 1) as f64 + (value - low) / (high - low),
                _ => last as f64,
            }
        };
        2.0 * position / last.max(1) as f64 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_values_are_their_own_quantiles() {
        let ranks = Ranks::fit(vec![4.0, 1.0, 2.0, 9.0, 3.0]).unwrap();
        assert_eq!(ranks.quantiles, [1.0, 2.0, 3.0, 4.0, 9.0]);
        let pairs = [(1.0, -1.0), (2.0, -0.5), (3.0, 0.0), (4.0, 0.5), (9.0, 1.0), (6.5, 0.75), (1.5, -0.75)];
        for (value, rank) in pairs {
            assert!((ranks.apply(value) - rank).abs() < 1e-12, "{value}: {}", ranks.apply(value));
        }
        assert_eq!((ranks.apply(-5.0), ranks.apply(f64::INFINITY)), (-1.0, 1.0), "the ends hold beyond");
        assert!(ranks.apply(f64::NAN).is_nan());
    }

    #[test]
    fn equal_values_share_the_middle_of_their_shares() {
        let ranks = Ranks::fit(vec![0.0, 0.0, 0.0, 1.0, 2.0]).unwrap();
        assert_eq!([0.0, 1.0, 2.0].map(|value| ranks.apply(value)), [-0.5, 0.5, 1.0]);
        assert_eq!(Ranks::fit(vec![0.1; 1000]), None);
        assert_eq!(Ranks::fit(Vec::new()), None);
    }

    #[test]
    fn many_values_are_kept_as_few_quantiles_close_to_their_ranks() {
        // A heavy tail: the rank does not mind.
        let count = 5_000;
        let values: Vec<f64> = (0..count).map(|n| (f64::from(n * 7919 % count) / 600.0).exp()).collect();
        let ranks = Ranks::fit(values.clone()).unwrap();
        assert_eq!(ranks.quantiles.len(), MOST);
        for value in &values {
            let below = values.iter().filter(|other| *other < value).count();
            let exact = 2.0 * below as f64 / f64::from(count - 1) - 1.0;
            assert!((ranks.apply(*value) - exact).abs() < 0.001, "{value}: {} is not {exact}", ranks.apply(*value));
        }
    }

    proptest! {
        #[test]
        fn ranks_rise_with_values_stay_within_one_and_survive_json(
            values in prop::collection::vec(-1e9_f64..1e9, 2..400),
            probes in prop::collection::vec(-2e9_f64..2e9, 2..50),
        ) {
            let Some(ranks) = Ranks::fit(values) else { return Ok(()) };
            let mut probes = probes;
            probes.sort_by(f64::total_cmp);
            let mapped: Vec<f64> = probes.iter().map(|value| ranks.apply(*value)).collect();
            prop_assert!(mapped.is_sorted() && mapped.iter().all(|rank| (-1.0..=1.0).contains(rank)));
            let again: Ranks = serde_json::from_str(&serde_json::to_string(&ranks).unwrap()).unwrap();
            prop_assert_eq!(again, ranks);
        }
    }
}

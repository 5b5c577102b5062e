//! How much each group counted, and whether that changed over the years.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Serialize;

use crate::time::Timestamp;

/// The weight of one group over the samples of the test range.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeanWeight {
    /// The group's name.
    pub group: String,
    /// The mean of its weight, from 0 to 1.
    pub mean: Option<f64>,
    /// The standard deviation of its weight (of a sample): near 0 it hardly depends on what is given.
    pub deviation: Option<f64>,
    /// The mean of each year (UTC).
    pub by_year: Vec<YearWeight>,
}

/// The weight of a group in one year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct YearWeight {
    /// The year of the bars.
    pub year: i32,
    /// How many samples.
    pub samples: usize,
    /// The mean weight.
    pub mean: f64,
}

impl MeanWeight {
    /// The weight of a group, from its values at bars that close at `instants` (µs, UTC).
    pub fn of(group: &str, weights: &[f64], instants: &[i64]) -> Self {
        let mut years: BTreeMap<i32, Vec<f64>> = BTreeMap::new();
        for (weight, instant) in weights.iter().zip(instants) {
            // A bar that closes at midnight belongs to the day before.
            years.entry(Timestamp(instant - 1).date().year()).or_default().push(*weight);
        }
        let mean = mean(weights);
        let deviation = mean.filter(|_| weights.len() > 1).map(|mean| {
            let squares: f64 = weights.iter().map(|weight| (weight - mean).powi(2)).sum();
            (squares / (weights.len() - 1) as f64).sqrt()
        });
        let year = |(year, weights): (i32, Vec<f64>)| {
            Some(YearWeight { year, samples: weights.len(), mean: self::mean(&weights)? })
        };
        Self { group: group.to_owned(), mean, deviation, by_year: years.into_iter().filter_map(year).collect() }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_by_hand() {
        // The first bar is the last of 1970: it closes at midnight.
        let day = Timestamp::DAY;
        let weight = MeanWeight::of("day", &[0.2, 0.4, 0.9], &[365 * day, 366 * day, 367 * day]);
        assert!((weight.mean.unwrap() - 0.5).abs() < 1e-15);
        assert!((weight.deviation.unwrap() - (0.26_f64 / 2.0).sqrt()).abs() < 1e-15);
        let years: Vec<_> = weight.by_year.iter().map(|year| (year.year, year.samples)).collect();
        assert_eq!(years, [(1970, 1), (1971, 2)]);
        assert!((weight.by_year[1].mean - 0.65).abs() < 1e-15);
        let nothing = MeanWeight::of("day", &[], &[]);
        assert_eq!((nothing.mean, nothing.deviation, nothing.by_year.len()), (None, None, 0));
    }
}

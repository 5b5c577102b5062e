//! Weights by past errors: a group counts the more, the smaller its errors were that are known by now.

use std::collections::VecDeque;

use crate::models::samples::columns::InstrumentData;

/// The weights of the groups on each bar of an instrument: as one over the mean squared error of the last `window` of
/// their forecasts whose outcome is known by the bar's close (Bates & Granger 1969, without the correlations). All
/// alike as long as none is known, and where none erred. NaN where a group forecasts nothing.
///
/// A bar's weights hang on outcomes that are known at its close alone: `known_at` decides, not the bar.
pub(in crate::models) fn inverse_error(of: &InstrumentData, groups: &[Vec<f64>], window: usize) -> Vec<Vec<f64>> {
    let bars = of.instants.len();
    let mut weights = vec![vec![f64::NAN; bars]; groups.len()];
    let forecast = |bar: usize| groups.iter().all(|group| group[bar].is_finite());
    // Outcomes in the order in which they become known.
    let mut outcomes: Vec<usize> = (0..bars).filter(|bar| of.target[*bar].is_finite() && forecast(*bar)).collect();
    outcomes.sort_by_key(|bar| (of.known_at[*bar], *bar));
    let mut outcomes = outcomes.into_iter().peekable();
    let mut known: VecDeque<usize> = VecDeque::new();
    for bar in (0..bars).filter(|bar| forecast(*bar)) {
        while let Some(outcome) = outcomes.next_if(|outcome| of.known_at[*outcome] <= of.instants[bar]) {
            known.push_back(outcome);
            if known.len() > window {
                known.pop_front();
            }
        }
        let error = |group: &Vec<f64>| known.iter().map(|at| (group[*at] - of.target[*at]).powi(2)).sum::<f64>();
        let shares = inverse(&groups.iter().map(error).collect::<Vec<_>>());
        weights.iter_mut().zip(shares).for_each(|(column, share)| column[bar] = share);
    }
    weights
}

/// Shares as one over errors, with the sum 1. What does not err at all shares everything.
pub(super) fn inverse(errors: &[f64]) -> Vec<f64> {
    let perfect = errors.iter().filter(|error| **error == 0.0).count();
    let share = |error: &f64| match perfect {
        0 => 1.0 / error,
        _ => f64::from(u8::from(*error == 0.0)),
    };
    let shares: Vec<f64> = errors.iter().map(share).collect();
    let sum: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(target: Vec<f64>, known_at: Vec<i64>) -> InstrumentData {
        let instants = (0..target.len() as i64).collect();
        InstrumentData { name: "test/MADE".into(), groups: Vec::new(), given: Vec::new(), target, instants, known_at }
    }

    #[test]
    fn weights_are_as_one_over_the_errors_that_are_known() {
        // Labels are known two bars later. The first group errs by 1 and 2, the second by 2 and 2.
        let of = data(vec![0.0, 0.0, 0.0, f64::NAN], vec![2, 3, 4, i64::MAX]);
        let groups = [vec![1.0, 2.0, 9.0, 1.0], vec![2.0, 2.0, 9.0, 1.0]];
        let weights = inverse_error(&of, &groups, 10);
        assert_eq!([weights[0][0], weights[0][1]], [0.5, 0.5]);
        // 1 / 1 against 1 / 4.
        assert!((weights[0][2] - 0.8).abs() < 1e-15 && (weights[1][2] - 0.2).abs() < 1e-15);
        // 1 / 5 against 1 / 8.
        assert!((weights[0][3] - 8.0 / 13.0).abs() < 1e-15);
        // With a window of one only the last counts.
        assert_eq!(inverse_error(&of, &groups, 1)[0][3], 0.5);
    }

    #[test]
    fn what_does_not_forecast_has_no_weight_and_what_does_not_err_shares_all() {
        let of = data(vec![1.0, 1.0, 1.0], vec![1, 2, 3]);
        let groups = [vec![1.0, f64::NAN, 1.0], vec![3.0, 1.0, 1.0]];
        let weights = inverse_error(&of, &groups, 5);
        assert!(weights[0][1].is_nan() && weights[1][1].is_nan());
        assert_eq!((weights[0][2], weights[1][2]), (1.0, 0.0));
        assert_eq!(inverse(&[0.0, 0.0]), [0.5, 0.5]);
    }

    #[test]
    fn a_label_that_is_known_later_than_the_next_waits_for_its_instant() {
        // The first label is known at 3, after the second: at bar 2 only the second counts.
        let of = data(vec![0.0, 0.0, 0.0, 0.0], vec![3, 2, 4, 5]);
        let groups = [vec![5.0, 1.0, 1.0, 1.0], vec![1.0, 1.0, 1.0, 1.0]];
        let weights = inverse_error(&of, &groups, 5);
        assert_eq!(weights[0][2], 0.5);
        assert!((weights[0][3] - 2.0 / 28.0).abs() < 1e-15);
    }
}

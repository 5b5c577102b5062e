//! Outcomes: what a label comes to on each bar, and from which bar on that is known.

use crate::error::{Diagnostic, Result};
use crate::expr::{Label, LabelKind};

/// What a label comes to on a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Its value; NaN where a series that it reads has none.
    pub value: f64,
    /// The bar at whose close it is known, after the bar itself.
    pub known_at: usize,
}

/// The outcome of each bar; none where the bars end before it is known.
///
/// `columns` are the values of [`Label::reads`], in that order; `complete` is how many bars have closed:
/// the last may lack a part of its period, and shows no outcome yet.
///
/// A barrier that is met early is an outcome early. So the last bars of all have those outcomes alone
/// that came before their time ran out.
///
/// # Errors
/// Where the columns are not those that the label reads, or too short.
///
/// # Examples
///
/// ```
/// use timeweave::expr::{BarsRef, Label, LabelKind};
/// use timeweave::models::outcomes;
/// use timeweave::time::Timeframe;
///
/// let label = Label::new(LabelKind::Return(BarsRef::new(Timeframe::DAY).close()), 2);
/// let found = outcomes(&label, &[&[10.0, 11.0, 12.0]], 3)?;
/// assert!((found[0].unwrap().value - 0.2).abs() < 1e-12);
/// assert_eq!((found[0].unwrap().known_at, found[1]), (2, None));
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
pub fn outcomes(label: &Label, columns: &[&[f64]], complete: usize) -> Result<Vec<Option<Outcome>>> {
    let bars = columns.first().map_or(0, |column| column.len());
    let mistake = || {
        Diagnostic::new(format!("the columns do not fit the label `{}`", label.kind.name()))
            .hint("this is a mistake of whoever made the columns, not of the strategy")
    };
    if complete > bars || columns.iter().any(|column| column.len() != bars) {
        return Err(mistake());
    }
    let horizon = label.horizon.max(1);
    // What is known after the whole horizon, from the bar and how many times what it was the series becomes.
    let after = |value: &dyn Fn(usize, f64) -> f64, of: &[f64]| -> Vec<Option<Outcome>> {
        let outcome = |bar: usize| {
            let ahead = bar.checked_add(horizon).filter(|ahead| *ahead < complete)?;
            let value = value(bar, of[ahead] / of[bar]);
            Some(Outcome { value: if value.is_finite() { value } else { f64::NAN }, known_at: ahead })
        };
        (0..bars).map(outcome).collect()
    };
    match (&label.kind, columns) {
        (LabelKind::Return(_), [of]) => Ok(after(&|_, ratio| ratio - 1.0, of)),
        (LabelKind::LogReturn(_), [of]) => Ok(after(&|_, ratio| ratio.ln(), of)),
        (LabelKind::ScaledReturn { .. }, [of, volatility]) => {
            let expected = |bar: usize| above_zero(volatility[bar]) * (horizon as f64).sqrt();
            Ok(after(&|bar, ratio| (ratio - 1.0) / expected(bar), of))
        }
        (LabelKind::Direction { threshold: None, .. }, [of]) => Ok(after(&|_, ratio| direction(ratio - 1.0), of)),
        (LabelKind::Direction { .. }, [of, threshold]) => {
            Ok(after(&|bar, ratio| direction_beyond(ratio - 1.0, above_zero(threshold[bar])), of))
        }
        (LabelKind::TripleBarrier(_), [open, high, low, close, upper, lower]) => {
            let prices = Prices { open, high, low };
            let first = |bar: usize| {
                let (above, below) = (close[bar] + above_zero(upper[bar]), close[bar] - above_zero(lower[bar]));
                prices.first_met(bar, above, below, horizon, complete)
            };
            Ok((0..bars).map(first).collect())
        }
        _ => Err(mistake()),
    }
}

fn above_zero(value: f64) -> f64 {
    if value > 0.0 { value } else { f64::NAN }
}

/// +1 for a gain, -1 for none.
fn direction(gain: f64) -> f64 {
    match gain.is_finite() {
        true if gain > 0.0 => 1.0,
        true => -1.0,
        false => f64::NAN,
    }
}

/// +1 above the threshold, -1 below its negative, 0 between.
fn direction_beyond(gain: f64, threshold: f64) -> f64 {
    match gain.is_finite() && threshold.is_finite() {
        true if gain > threshold => 1.0,
        true if gain < -threshold => -1.0,
        true => 0.0,
        false => f64::NAN,
    }
}

/// The path that meets barriers.
struct Prices<'a> {
    open: &'a [f64],
    high: &'a [f64],
    low: &'a [f64],
}

impl Prices<'_> {
    /// Which barrier is met first after a bar, within so many bars.
    fn first_met(&self, bar: usize, above: f64, below: f64, horizon: usize, complete: usize) -> Option<Outcome> {
        let last = bar.saturating_add(horizon);
        if !(above.is_finite() && below.is_finite()) {
            return (last < complete).then_some(Outcome { value: f64::NAN, known_at: last });
        }
        for ahead in bar + 1..complete.min(last.saturating_add(1)) {
            if let Some(value) = self.met(ahead, above, below) {
                return Some(Outcome { value, known_at: ahead });
            }
        }
        (last < complete).then_some(Outcome { value: 0.0, known_at: last })
    }

    /// Which barrier a bar meets, if one; NaN where a price of it is not known.
    fn met(&self, bar: usize, above: f64, below: f64) -> Option<f64> {
        let (open, high, low) = (self.open[bar], self.high[bar], self.low[bar]);
        if open.is_nan() || high.is_nan() || low.is_nan() {
            return Some(f64::NAN);
        }
        // At the open the order is known: a bar that opens beyond a barrier meets that one first.
        if open >= above {
            return Some(1.0);
        }
        // A bar that touches both counts as the worse.
        if open <= below || low <= below {
            return Some(-1.0);
        }
        (high >= above).then_some(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Barriers, BarsRef, Series};
    use crate::time::Timeframe;

    fn day() -> BarsRef {
        BarsRef::new(Timeframe::DAY)
    }

    fn values(kind: LabelKind, horizon: usize, columns: &[&[f64]]) -> Vec<Option<f64>> {
        let found = outcomes(&Label::new(kind, horizon), columns, columns[0].len()).unwrap();
        found
            .into_iter()
            .enumerate()
            .map(|(bar, outcome)| {
                assert!(outcome.is_none_or(|outcome| outcome.known_at == bar + horizon));
                outcome.map(|outcome| outcome.value)
            })
            .collect()
    }

    fn barriers() -> LabelKind {
        LabelKind::TripleBarrier(Barriers::new(&day(), Series::constant(1.0), Series::constant(1.0)))
    }

    /// Barriers 2 above and 1 below, five bars ahead at most; each bar is open, high, low, close.
    fn met(bars: &[[f64; 4]], complete: usize) -> Vec<Option<(f64, usize)>> {
        let column = |place: usize| bars.iter().map(|bar| bar[place]).collect::<Vec<_>>();
        let (open, high, low, close) = (column(0), column(1), column(2), column(3));
        let (upper, lower) = (vec![2.0; bars.len()], vec![1.0; bars.len()]);
        let columns: [&[f64]; 6] = [&open, &high, &low, &close, &upper, &lower];
        let found = outcomes(&Label::new(barriers(), 5), &columns, complete).unwrap();
        found.into_iter().map(|outcome| outcome.map(|outcome| (outcome.value, outcome.known_at))).collect()
    }

    #[test]
    fn returns_are_their_formulas() {
        let close = [100.0, 102.0, 99.0, 99.0, 0.0, 50.0];
        let by_hand = |formula: fn(f64, f64) -> f64| {
            let pair = |bar: usize| close.get(bar + 2).map(|ahead| formula(close[bar], *ahead));
            (0..close.len()).map(pair).collect::<Vec<_>>()
        };
        let same = |ours: Vec<Option<f64>>, theirs: Vec<Option<f64>>| {
            assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.into_iter().zip(theirs) {
                match (ours, theirs) {
                    (Some(ours), Some(theirs)) => {
                        assert!((ours - theirs).abs() < 1e-12 || (ours.is_nan() && !theirs.is_finite()));
                    }
                    (ours, theirs) => assert_eq!(ours, theirs),
                }
            }
        };
        let source = || day().close();
        same(values(LabelKind::Return(source()), 2, &[&close]), by_hand(|now, ahead| (ahead - now) / now));
        same(values(LabelKind::LogReturn(source()), 2, &[&close]), by_hand(|now, ahead| ahead.ln() - now.ln()));
        let volatility = [0.01, 0.02, 0.0, f64::NAN, 0.01, 0.01];
        let kind = LabelKind::ScaledReturn { of: source(), volatility: source() };
        let ours = values(kind, 2, &[&close, &volatility]);
        // One per cent down where 1 % × √2 was to be expected.
        assert!((ours[0].unwrap() - -0.01 / (0.01 * 2.0_f64.sqrt())).abs() < 1e-12);
        assert!((ours[1].unwrap() - (99.0 / 102.0 - 1.0) / (0.02 * 2.0_f64.sqrt())).abs() < 1e-12);
        assert!(ours[2].unwrap().is_nan() && ours[3].unwrap().is_nan() && ours[4].is_none());
    }

    #[test]
    fn directions_have_two_or_three_classes() {
        let close = [100.0, 101.0, 101.0, 100.0, f64::NAN, 100.0, 110.0];
        let two = values(LabelKind::Direction { of: day().close(), threshold: None }, 1, &[&close]);
        assert_eq!([two[0], two[1], two[2], two[5]], [Some(1.0), Some(-1.0), Some(-1.0), Some(1.0)]);
        assert!(two[3].unwrap().is_nan() && two[4].unwrap().is_nan() && two[6].is_none());
        // Powers of two, so that the return is the threshold exactly: at it, it is no move yet.
        let close = [64.0, 80.0, 60.0, 45.0, 57.0, 56.0];
        let threshold = [0.25, 0.25, 0.25, 0.25, f64::NAN, 0.25];
        let kind = LabelKind::Direction { of: day().close(), threshold: Some(day().close()) };
        let three = values(kind, 1, &[&close, &threshold]);
        assert_eq!(three[..4], [Some(0.0), Some(0.0), Some(0.0), Some(1.0)]);
        assert!(three[4].unwrap().is_nan() && three[5].is_none());
        let wide = LabelKind::Direction { of: day().close(), threshold: Some(day().close()) };
        assert_eq!(values(wide, 1, &[&[64.0, 40.0], &[0.25; 2]]), [Some(-1.0), None]);
    }

    #[test]
    fn the_barrier_that_is_met_first_counts_from_its_bar_on() {
        let quiet = [10.0, 10.5, 9.5, 10.0];
        let up = [10.0, 12.0, 9.5, 10.0];
        let down = [10.0, 10.5, 9.0, 10.0];
        let both = [10.0, 12.5, 8.5, 10.0];
        let gap_up = [12.5, 12.5, 8.0, 10.0];
        let gap_down = [8.5, 12.5, 8.5, 10.0];
        let first = |ahead: [f64; 4]| met(&[quiet, quiet, ahead, quiet, quiet, quiet], 6)[0];
        assert_eq!(first(up), Some((1.0, 2)), "a touch is enough");
        assert_eq!(first(down), Some((-1.0, 2)));
        assert_eq!(first(both), Some((-1.0, 2)), "both in one bar: the worse");
        assert_eq!(first(gap_up), Some((1.0, 2)), "it opens beyond the upper, and falls later");
        assert_eq!(first(gap_down), Some((-1.0, 2)), "it opens beyond the lower, and rises later");
        assert_eq!(first(quiet), Some((0.0, 5)), "time runs out");
        // The bar itself is past: what it touched does not count.
        assert_eq!(met(&[both, quiet, quiet, quiet, quiet, quiet], 6)[0], Some((0.0, 5)));
        // One bar past the last is too late.
        assert_eq!(met(&[quiet, quiet, quiet, quiet, quiet, quiet, up], 7)[0], Some((0.0, 5)));
    }

    #[test]
    fn a_barrier_is_no_outcome_before_its_bar_has_closed() {
        let quiet = [10.0, 10.5, 9.5, 10.0];
        let up = [10.0, 12.0, 9.5, 10.0];
        let bars = [quiet, quiet, up];
        assert_eq!(met(&bars, 3), [Some((1.0, 2)), Some((1.0, 2)), None]);
        assert_eq!(met(&bars, 2), [None, None, None], "the last bar is not complete");
        let unknown = [f64::NAN, 12.0, 9.5, 10.0];
        let found = met(&[quiet, unknown, up], 3)[0].unwrap();
        assert!(found.0.is_nan() && found.1 == 1, "what was met first cannot be known");
    }

    #[test]
    fn a_distance_that_is_not_above_zero_has_no_outcome() {
        let column = [10.0, 10.0, 10.0];
        for distance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let distances = [distance; 3];
            let columns: [&[f64]; 6] = [&column, &column, &column, &column, &distances, &[1.0; 3]];
            let found = outcomes(&Label::new(barriers(), 1), &columns, 3).unwrap();
            assert!(found[0].unwrap().value.is_nan() && found[2].is_none());
        }
    }

    #[test]
    fn columns_of_another_label_are_refused() {
        let label = Label::new(LabelKind::Return(day().close()), 1);
        assert!(outcomes(&label, &[&[1.0], &[1.0]], 1).is_err());
        assert!(outcomes(&label, &[&[1.0]], 2).is_err());
        assert!(outcomes(&label, &[], 0).is_err());
    }
}

//! Across instruments: what a value is beside those of the other instruments at the same time.

use crate::error::{Diagnostic, Result};
use crate::expr::{BarsRef, Condition, ConditionKind, Series, SeriesKind};

/// A number for each instrument of the universe, from the values of all. An instrument whose value is
/// not known is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Across {
    /// From 1, the lowest, to as many as are known, the highest; equal values share the mean of their
    /// ranks.
    Rank,
    /// The rank as a share of how many are known: above 0, and 1 for the highest.
    PercentRank,
    /// How many standard deviations (the population's) above the mean; not known where all are equal.
    ZScore,
    /// How much above the mean.
    Demean,
    /// The mean, on the bars of every instrument.
    Mean,
    /// The sum, on the bars of every instrument; not known where none is.
    Sum,
    /// How many are known, on the bars of every instrument.
    Count,
}

/// Whether an instrument is among the first by a value. Equal values go by the order of names, so that
/// no more are picked than are asked for; an instrument whose value is not known is not picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pick {
    /// Among so many with the highest values.
    Top(usize),
    /// Among so many with the lowest values.
    Bottom(usize),
}

impl Across {
    /// All of them.
    pub const ALL: [Across; 7] =
        [Across::Rank, Across::PercentRank, Across::ZScore, Across::Demean, Across::Mean, Across::Sum, Across::Count];

    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Across::Rank => "rank",
            Across::PercentRank => "percent_rank_across",
            Across::ZScore => "zscore_across",
            Across::Demean => "demean",
            Across::Mean => "mean_across",
            Across::Sum => "sum_across",
            Across::Count => "count_across",
        }
    }

    /// Whether an instrument has a value where its own is not known: it is the same for all of them.
    pub fn is_shared(self) -> bool {
        matches!(self, Across::Mean | Across::Sum | Across::Count)
    }

    /// Its values at one instant. `values` has the instruments' in the order of their names, so that sums
    /// do not hang on the order in which a universe names them; `results` is as long, and in that order.
    pub fn apply(self, values: &[f64], results: &mut [f64]) {
        let known_values = || values.iter().copied().filter(|value| value.is_finite());
        let count = known_values().count() as f64;
        let sum = || known_values().sum::<f64>();
        let mean = || sum() / count;
        match self {
            Across::Rank => ranks(values, results),
            Across::PercentRank => {
                ranks(values, results);
                results.iter_mut().for_each(|rank| *rank = given(*rank / count));
            }
            Across::ZScore => {
                let mean = mean();
                let squares: f64 = known_values().map(|value| (value - mean) * (value - mean)).sum();
                let first = known_values().next().unwrap_or(f64::NAN);
                // Where all are equal, what rounding leaves of their mean is no spread.
                let spread = if known_values().all(|value| value == first) { 0.0 } else { (squares / count).sqrt() };
                of_known(values, results, |value| (value - mean) / spread);
            }
            Across::Demean => {
                let mean = mean();
                of_known(values, results, |value| value - mean);
            }
            Across::Mean => results.fill(given(mean())),
            Across::Sum if count > 0.0 => results.fill(given(sum())),
            Across::Sum => results.fill(f64::NAN),
            Across::Count => results.fill(count),
        }
    }
}

impl Pick {
    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Pick::Top(_) => "top",
            Pick::Bottom(_) => "bottom",
        }
    }

    /// How many are asked for.
    pub fn count(self) -> usize {
        match self {
            Pick::Top(count) | Pick::Bottom(count) => count,
        }
    }

    /// Its truth values at one instant, 1 and 0. `values` has the instruments' in the order of their names;
    /// `results` is as long, and in that order.
    pub fn apply(self, values: &[f64], results: &mut [f64]) {
        results.fill(0.0);
        let mut placed = placed(values);
        let count = self.count().min(placed.len());
        if let Some(last) = count.checked_sub(1) {
            // Those before the last one are before it in no order of their own.
            placed.select_nth_unstable_by(last, |(a, at), (b, other)| match self {
                Pick::Top(_) => b.total_cmp(a).then(at.cmp(other)),
                Pick::Bottom(_) => a.total_cmp(b).then(at.cmp(other)),
            });
        }
        placed.into_iter().take(count).for_each(|(_, place)| results[place] = 1.0);
    }
}

impl Series {
    /// What this is for each instrument beside the others'.
    ///
    /// # Errors
    /// Where it is the same for every instrument, or known only bar after bar within one.
    pub fn across(&self, across: Across) -> Result<Series> {
        comparable(self)?;
        Ok(Series::new(SeriesKind::Across(across, self.clone())))
    }

    /// Which instruments are among the first by this.
    ///
    /// # Errors
    /// As [`Series::across`].
    pub fn pick(&self, pick: Pick) -> Result<Condition> {
        comparable(self)?;
        Ok(Condition::new(ConditionKind::Pick(pick, self.clone())))
    }
}

/// Whether a series can be compared between instruments.
pub(crate) fn comparable(series: &Series) -> Result<()> {
    let diagnostic = match (series.symbols(), series.bars()) {
        (symbols, _) if symbols.position => {
            Diagnostic::new("a figure of the open position cannot be compared across instruments")
                .hint("compare what bars show: rank(roc(day.close, 20))")
        }
        (symbols, _) if symbols.state => Diagnostic::new("the state of a scan cannot be compared across instruments")
            .hint("compare what the scan gives: rank(scan(close, |prev| …))"),
        (_, None) => Diagnostic::new("this is the same for every instrument: there is nothing to compare")
            .hint("give a series of the traded instrument's bars: rank(roc(day.close, 20))"),
        (_, Some(BarsRef::Other(other, _))) => {
            Diagnostic::new(format!("this reads the bars of {other} alone: it is the same for every instrument"))
                .hint("bars without an instrument are those of each traded one: rank(roc(bars(\"1d\").close, 20))")
        }
        (_, Some(BarsRef::External(source))) if !source.is_by_symbol() => {
            Diagnostic::new(format!("this reads {source} alone: it is the same for every instrument"))
                .hint("{symbol} reads a file of each instrument: rank(external(\"fundamentals/{symbol}\").eps)")
        }
        (_, Some(_)) => return Ok(()),
    };
    Err(diagnostic.at(series.origin().cloned()))
}

/// The known values with their places. 0 and -0 are equal: each is 0.
fn placed(values: &[f64]) -> Vec<(f64, usize)> {
    let known = values.iter().zip(0..).filter(|(value, _)| value.is_finite());
    known.map(|(value, place)| (value + 0.0, place)).collect()
}

fn ranks(values: &[f64], results: &mut [f64]) {
    results.fill(f64::NAN);
    let mut order = placed(values);
    order.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut lower = 0;
    for tied in order.chunk_by(|(a, _), (b, _)| a == b) {
        // The mean of lower + 1 to lower + tied.
        let rank = lower as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|(_, place)| results[*place] = rank);
        lower += tied.len();
    }
}

/// What is not finite is not known, always with the same bits; and -0 is 0.
fn given(value: f64) -> f64 {
    if value.is_finite() { value + 0.0 } else { f64::NAN }
}

fn of_known(values: &[f64], results: &mut [f64], of: impl Fn(f64) -> f64) {
    for (result, value) in results.iter_mut().zip(values) {
        *result = if value.is_finite() { given(of(*value)) } else { f64::NAN };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::PositionFigure;
    use crate::time::Timeframe;

    const NAN: f64 = f64::NAN;

    fn across(across: Across, values: &[f64]) -> Vec<f64> {
        let mut results = vec![7.0; values.len()];
        across.apply(values, &mut results);
        results
    }

    fn picked(pick: Pick, values: &[f64]) -> Vec<f64> {
        let mut results = vec![7.0; values.len()];
        pick.apply(values, &mut results);
        results
    }

    fn assert_same(is: &[f64], should: &[f64]) {
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(is), bits(should), "{is:?} {should:?}");
    }

    #[test]
    fn ranks_are_those_of_pandas() {
        // pandas: Series([3, 1, nan, 3, 2]).rank() and .rank(pct=True)
        let values = [3.0, 1.0, NAN, 3.0, 2.0];
        assert_same(&across(Across::Rank, &values), &[3.5, 1.0, NAN, 3.5, 2.0]);
        assert_same(&across(Across::PercentRank, &values), &[0.875, 0.25, NAN, 0.875, 0.5]);
        assert_same(&across(Across::Rank, &[0.0, -0.0]), &[1.5, 1.5]);
    }

    #[test]
    fn scores_are_of_the_population_and_not_known_where_all_are_equal() {
        let values = [1.0, NAN, 3.0];
        assert_same(&across(Across::ZScore, &values), &[-1.0, NAN, 1.0]);
        assert_same(&across(Across::Demean, &values), &[-1.0, NAN, 1.0]);
        assert_same(&across(Across::ZScore, &[0.1, 0.1, 0.1]), &[NAN; 3]);
        assert_same(&across(Across::ZScore, &[5.0]), &[NAN]);
        assert_same(&across(Across::Demean, &[5.0, NAN]), &[0.0, NAN]);
    }

    #[test]
    fn what_is_shared_is_known_where_the_own_value_is_not() {
        let values = [1.0, NAN, 3.0];
        assert_same(&across(Across::Mean, &values), &[2.0; 3]);
        assert_same(&across(Across::Sum, &values), &[4.0; 3]);
        assert_same(&across(Across::Count, &values), &[2.0; 3]);
        let none = [NAN, f64::INFINITY];
        assert_same(&across(Across::Mean, &none), &[NAN; 2]);
        assert_same(&across(Across::Sum, &none), &[NAN; 2]);
        assert_same(&across(Across::Count, &none), &[0.0; 2]);
    }

    #[test]
    fn as_many_are_picked_as_are_asked_for_and_the_first_of_equals() {
        let values = [2.0, NAN, 3.0, 2.0, -0.0, 0.0];
        assert_same(&picked(Pick::Top(2), &values), &[1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        assert_same(&picked(Pick::Top(4), &values), &[1.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
        assert_same(&picked(Pick::Top(9), &values), &[1.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
        assert_same(&picked(Pick::Bottom(1), &values), &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_same(&picked(Pick::Bottom(3), &values), &[1.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn what_is_the_same_for_every_instrument_is_refused() {
        let day = BarsRef::new(Timeframe::DAY);
        let other = BarsRef::of("made/OTHER".parse().unwrap(), Timeframe::DAY);
        assert!(day.close().across(Across::Rank).is_ok() && (day.close() / other.close()).pick(Pick::Top(1)).is_ok());
        for same in [other.close(), Series::constant(3.0), day.close() + Series::from(PositionFigure::Profit)] {
            assert!(same.across(Across::Rank).is_err() && same.pick(Pick::Top(1)).is_err());
        }
    }
}

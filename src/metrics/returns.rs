//! Returns: the change of equity from bar to bar, and growth a year.

use crate::data::long_vector;
use crate::metrics::defined;
use crate::wide::wide;

/// The return of each bar: the change of equity as a fraction of the equity before it, the first
/// from `initial`. Once equity is zero or below there is nothing to earn on: zero from then on.
pub fn returns(initial: f64, equity: &[f64]) -> Vec<f64> {
    let first = equity.first().map(|first| change(initial, *first));
    let mut returns = long_vector(equity.len());
    returns.extend(first);
    wide(|| returns.extend(equity.array_windows().map(|[before, now]| change(*before, *now))));
    returns
}

/// Hands on some values, a part after the other, each with the [`returns`] of as many bars: those of a column that is
/// looked at once or twice are computed sooner than it is written.
pub(super) fn beside_returns(values: &[f64], initial: f64, equity: &[f64], mut visit: impl FnMut(&[f64], &[f64])) {
    /// So many of both lie in the nearest cache.
    const PART: usize = 1024;
    let (mut returns, mut before) = ([0.0; PART], initial);
    for (values, equity) in values.chunks(PART).zip(equity.chunks(PART)) {
        let returns = &mut returns[..equity.len()];
        returns[0] = change(before, equity[0]);
        wide(|| {
            let later = returns[1..].iter_mut().zip(equity.array_windows());
            later.for_each(|(value, [before, now])| *value = change(*before, *now));
        });
        before = equity[equity.len() - 1];
        visit(values, returns);
    }
}

#[inline(always)]
fn change(before: f64, now: f64) -> f64 {
    if before > 0.0 { now / before - 1.0 } else { 0.0 }
}

/// Growth a year at a constant rate (CAGR), as a fraction: `(1 + total)^(periods_per_year / n) - 1`
/// over n returns. None without returns, and where more than everything was lost.
pub fn annual_growth(total_return: f64, returns: usize, periods_per_year: f64) -> Option<f64> {
    if returns == 0 || total_return < -1.0 {
        return None;
    }
    defined((1.0 + total_return).powf(periods_per_year / returns as f64) - 1.0)
}

/// The natural logarithm of `1 + change`: by its series where the change is that of a short bar, which
/// is several times as fast.
pub(super) fn log_growths(changes: &[f64], logarithms: &mut [f64]) {
    wide(|| {
        for (logarithm, change) in logarithms.iter_mut().zip(changes) {
            // The first term left out is below 1e-18 of the result.
            let tail = 1.0 / 3.0 - change * (0.25 - change * (0.2 - change * (1.0 / 6.0 - change / 7.0)));
            *logarithm = change - change * change * (0.5 - change * tail);
        }
    });
    for (logarithm, change) in logarithms.iter_mut().zip(changes).filter(|(_, change)| change.abs() >= 1e-3) {
        *logarithm = change.ln_1p();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_is_the_change_from_the_bar_before() {
        assert_eq!(returns(100.0, &[110.0, 99.0]), [110.0 / 100.0 - 1.0, 99.0 / 110.0 - 1.0]);
        assert_eq!(returns(100.0, &[0.0, 50.0]), [-1.0, 0.0]);
        assert!(returns(100.0, &[]).is_empty());
    }

    #[test]
    fn returns_in_parts_are_those_of_the_column() {
        let equity: Vec<f64> = (0..2500).map(|bar| 100.0 + f64::from(bar * 37 % 101)).collect();
        let (mut bars, mut parts) = (Vec::new(), Vec::new());
        beside_returns(&equity, 90.0, &equity, |values, returns| {
            bars.extend_from_slice(values);
            parts.extend_from_slice(returns);
        });
        assert_eq!((bars, parts), (equity.clone(), returns(90.0, &equity)));
        beside_returns(&[], 90.0, &equity, |_, _| panic!("there is nothing to look at"));
    }

    #[test]
    fn logarithms_agree_where_the_series_ends() {
        let changes: Vec<f64> = (-3000..=3000).map(|step| f64::from(step) * 1e-6).collect();
        let mut logarithms = vec![f64::NAN; changes.len()];
        log_growths(&changes, &mut logarithms);
        for (change, logarithm) in changes.iter().zip(logarithms) {
            let exact = change.ln_1p();
            assert!((logarithm - exact).abs() <= 4.0 * f64::EPSILON * exact.abs(), "{change}");
        }
    }
}

//! Returns: the change of equity from bar to bar, and growth a year.

use crate::data::long_vector;
use crate::metrics::defined;
use crate::metrics::wide::wide;

/// The return of each bar: the change of equity as a fraction of the equity before it, the first
/// from `initial`. Once equity is zero or below there is nothing to earn on: zero from then on.
pub fn returns(initial: f64, equity: &[f64]) -> Vec<f64> {
    let change = |before: f64, now: f64| if before > 0.0 { now / before - 1.0 } else { 0.0 };
    let first = equity.first().map(|first| change(initial, *first));
    let mut returns = long_vector(equity.len());
    returns.extend(first);
    wide(|| returns.extend(equity.array_windows().map(|[before, now]| change(*before, *now))));
    returns
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

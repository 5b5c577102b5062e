//! Returns: the change of equity from bar to bar, and growth a year.

use crate::data::long_vector;
use crate::metrics::defined;

/// The return of each bar: the change of equity as a fraction of the equity before it, the first
/// from `initial`. Once equity is zero or below there is nothing to earn on: zero from then on.
pub fn returns(initial: f64, equity: &[f64]) -> Vec<f64> {
    let change = |before: f64, now: f64| if before > 0.0 { now / before - 1.0 } else { 0.0 };
    let first = equity.first().map(|first| change(initial, *first));
    let mut returns = long_vector(equity.len());
    returns.extend(first);
    returns.extend(equity.windows(2).map(|pair| change(pair[0], pair[1])));
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
#[inline]
pub(super) fn log_growth(change: f64) -> f64 {
    if change.abs() < 1e-3 {
        // The first term left out is below 1e-18 of the result.
        let tail = 1.0 / 3.0 - change * (0.25 - change * (0.2 - change * (1.0 / 6.0 - change / 7.0)));
        change - change * change * (0.5 - change * tail)
    } else {
        change.ln_1p()
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
        for step in -3000..=3000 {
            let change = f64::from(step) * 1e-6;
            let exact = change.ln_1p();
            assert!((log_growth(change) - exact).abs() <= 4.0 * f64::EPSILON * exact.abs(), "{change}");
        }
    }
}

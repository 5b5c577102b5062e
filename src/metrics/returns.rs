//! Returns, and the figures that are made of them.

use crate::metrics::defined;

/// The return of each bar: the change of equity as a fraction of the equity before it, the first
/// from `initial`. Once equity is zero or below there is nothing to earn on: zero from then on.
pub fn returns(initial: f64, equity: &[f64]) -> Vec<f64> {
    let mut before = initial;
    let change = |&now: &f64| {
        let change = if before > 0.0 { now / before - 1.0 } else { 0.0 };
        before = now;
        change
    };
    equity.iter().map(change).collect()
}

/// Growth a year at a constant rate (CAGR), as a fraction: `(1 + total)^(periods_per_year / n) - 1`
/// over n returns. None without returns, and where more than everything was lost.
pub fn annual_growth(total_return: f64, returns: usize, periods_per_year: f64) -> Option<f64> {
    if returns == 0 || total_return < -1.0 {
        return None;
    }
    defined((1.0 + total_return).powf(periods_per_year / returns as f64) - 1.0)
}

/// Standard deviation of the returns (of a sample: n - 1) a year, as a fraction. None for fewer
/// than two.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    deviation(returns).map(|deviation| deviation * periods_per_year.sqrt())
}

/// Mean return over its standard deviation, a year; the risk-free rate is zero. None where the
/// returns do not vary.
pub fn sharpe(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let (mean, deviation) = (mean(returns)?, deviation(returns)?);
    // Equal returns deviate by rounding alone.
    if deviation <= 1e-12 * mean.abs() {
        return None;
    }
    defined(mean / deviation * periods_per_year.sqrt())
}

/// Mean return a year over [`downside_risk`]; the least acceptable return is zero. None without a
/// loss.
pub fn sortino(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let risk = downside_risk(returns, periods_per_year).filter(|risk| *risk > 0.0)?;
    defined(mean(returns)? * periods_per_year / risk)
}

/// Root of the mean square of the losses, over all returns, a year, as a fraction. None without
/// returns.
pub fn downside_risk(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let squares: f64 = returns.iter().map(|value| value.min(0.0).powi(2)).sum();
    defined((squares / returns.len() as f64).sqrt() * periods_per_year.sqrt())
}

fn mean(values: &[f64]) -> Option<f64> {
    defined(values.iter().sum::<f64>() / values.len() as f64)
}

fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    defined((squares / (values.len() as f64 - 1.0)).sqrt())
}

//! Prices weighed by volume.

use super::{Market, assert_is, compute, markets};

/// The mean and the lines from one bar to another, by the definition.
fn from(market: &Market, begin: usize, end: usize, factor: f64) -> [f64; 3] {
    let sum = |of: &dyn Fn(usize) -> f64| (begin..=end).map(|bar| market.volume[bar] * of(bar)).sum::<f64>();
    let volume = sum(&|_| 1.0);
    let mean = sum(&|bar| market.close[bar]) / volume;
    let width = factor * (sum(&|bar| (market.close[bar] - mean).powi(2)) / volume).sqrt();
    [mean, mean + width, mean - width]
}

#[test]
fn vwaps_begin_where_they_are_told() {
    for market in markets() {
        // Sessions of 7 bars, and the same told by their first bars.
        let sessions: Vec<f64> = (0..market.len()).map(|bar| (bar / 7) as f64).collect();
        let anchors: Vec<f64> = (0..market.len()).map(|bar| if bar % 7 == 0 { 1.0 } else { 0.0 }).collect();
        for (name, told) in [("session_vwap", &sessions), ("anchored_vwap", &anchors)] {
            let outputs = compute(name, &[("nbdev", 2.0.into())], &[&market.close, &market.volume, told]);
            let what = format!("{name} of {}", market.name);
            assert_is(&what, outputs, 0.0, |bar| from(&market, bar - bar % 7, bar, 2.0));
        }
        // One anchor for all bars: the deviation does not drift away. Its scale is that of the prices.
        let once: Vec<f64> = (0..market.len()).map(|bar| if bar == 0 { 1.0 } else { 0.0 }).collect();
        let outputs = compute("anchored_vwap", &[], &[&market.close, &market.volume, &once]);
        assert_is(&market.name, outputs, 0.0, |bar| from(&market, 0, bar, 1.0));
    }
}

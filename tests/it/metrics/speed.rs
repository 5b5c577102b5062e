//! How long the figures of a million bars take: printed, not judged, for machines differ.

use std::time::Instant;

use timeweave::backtest::Backtest;
use timeweave::metrics::Metrics;
use timeweave::time::Timestamp;

use super::backtest;

/// A million one-minute bars of sessions, equity and benchmark walking at random.
fn million_bars() -> Backtest {
    let mut state = 7_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut walk = || -> Vec<f64> {
        let mut level = 100.0;
        let step = |_| {
            level *= 1.0 + noise() * 0.002;
            level
        };
        (0..1_000_000).map(step).collect()
    };
    let mut backtest = backtest(&walk());
    backtest.buy_and_hold = walk().into();
    let time = |bar: i64| {
        let (day, minute) = (bar / 390, bar % 390);
        Timestamp((day / 5 * 7 + day % 5 + 4) * Timestamp::DAY + (570 + minute) * 60 * Timestamp::SECOND)
    };
    backtest.timestamps = (0..1_000_000).map(time).collect();
    backtest
}

#[test]
fn metrics_of_a_million_bars_take_moments() {
    let backtest = million_bars();
    let mut fastest = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        let metrics = Metrics::of(&backtest);
        fastest = fastest.min(start.elapsed().as_secs_f64());
        assert_eq!((metrics.bars, metrics.periods_per_year), (1_000_000, Some(390.0 * 252.0)));
    }
    println!("metrics of a million bars: {:.1} ms", fastest * 1e3);
}

//! The bars that the benches measure on.

use timeweave::data::Bars;
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// How many bars there are.
pub const BARS: usize = 1_000_000;

/// A random walk of one-minute bars, always the same.
pub fn bars() -> Bars {
    let mut state: u64 = 1;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns: [Vec<f64>; 5] = Default::default();
    let mut close = 100.0;
    for _ in 0..BARS {
        let open = close;
        close *= 1.0 + (random() - 0.5) * 0.01;
        let (high, low) = (f64::max(open, close) + random() * 0.1, f64::min(open, close) - random() * 0.1);
        for (column, value) in columns.iter_mut().zip([open, high, low, close, random() * 1e6]) {
            column.push(value);
        }
    }
    let minutes = (0..BARS as i64).map(|minute| minute * Timestamp::DAY / 1_440).collect();
    Bars::new("1m".parse::<Timeframe>().unwrap(), &Calendar::Continuous, minutes, columns).unwrap()
}

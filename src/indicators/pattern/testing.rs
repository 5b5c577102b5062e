//! Reading candles drawn by hand, for the tests of patterns.

use crate::indicators::pattern::NODES;
use crate::indicators::testing::run;

/// What a pattern says of the last of some candles (open, high, low, close) that come after twelve
/// usual ones: bodies of 2 between 100 and 102, all shadows 2 long.
pub fn last(name: &str, candles: &[[f64; 4]]) -> f64 {
    let node = NODES.into_iter().flatten().find(|node| node.spec.name == name).unwrap();
    let usual = [[102.0, 104.0, 98.0, 100.0], [100.0, 104.0, 98.0, 102.0]].repeat(6);
    let bars: Vec<[f64; 4]> = usual.iter().chain(candles).copied().collect();
    let column = |price: usize| bars.iter().map(|bar| bar[price]).collect::<Vec<f64>>();
    let (open, high, low, close) = (column(0), column(1), column(2), column(3));
    let values = run(node, &[&open, &high, &low, &close], &[]);
    values[0][bars.len() - 1]
}

/// The same candles on a chart turned upside down about 100.
pub fn upside_down<const N: usize>(candles: [[f64; 4]; N]) -> [[f64; 4]; N] {
    candles.map(|[open, high, low, close]| [200.0 - open, 200.0 - low, 200.0 - high, 200.0 - close])
}

/// The candles with another last one.
pub fn ending<const N: usize>(mut candles: [[f64; 4]; N], last: [f64; 4]) -> [[f64; 4]; N] {
    candles[N - 1] = last;
    candles
}

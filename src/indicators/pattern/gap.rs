//! Three candles about a gap between bodies.

use crate::indicators::pattern::candle::{Candle, all_white, within};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdltasukigap",
        either(tasuki_gap),
        [near],
        "Tasuki gap: a white body above the body before it, then a black one of nearly the same length that opens \
         in the white body and closes in the gap; or the same downwards. The gap holds: its direction goes on.",
    ),
    pattern!(
        "cdlxsidegap3methods",
        either(gap_three_methods),
        [],
        "Gap three methods: two white candles with a gap between their bodies, then a black one that opens in the \
         second body and closes in the first; or the same downwards. The gap is filled: its direction goes on.",
    ),
    pattern!(
        "cdlgapsidesidewhite",
        signed(side_by_side_white),
        [near, equal],
        "Side-by-side white lines: two white candles with equal opens and bodies of nearly the same length, both \
         above the body before them (100) or below it (-100). The direction of the gap goes on.",
    ),
];

#[inline(always)]
fn tasuki_gap([first, second, third]: [Candle; 3]) -> bool {
    second.is_white()
        && third.is_black()
        && second.body_gaps_above(first)
        && second.body_holds(third.open())
        && third.close() < second.open()
        && third.close() > first.top()
        && (second.body() - third.body()).abs() < second.near()
}

#[inline(always)]
fn gap_three_methods([first, second, third]: [Candle; 3]) -> bool {
    first.is_white()
        && second.is_white()
        && third.is_black()
        && second.body_gaps_above(first)
        && second.body_holds(third.open())
        && first.body_holds(third.close())
}

/// White candles in both directions, so that the fall is no mirror image of the rise.
#[inline(always)]
fn side_by_side_white([first, second, third]: [Candle; 3]) -> f64 {
    let alike = all_white([second, third])
        && within(third.body(), second.body(), second.near())
        && within(third.open(), second.open(), second.equal());
    let both = |gaps: fn(Candle, Candle) -> bool| gaps(second, first) && gaps(third, first);
    match alike {
        true if both(|a, b| a.body_gaps_above(b)) => 100.0,
        true if both(|a, b| a.body_gaps_below(b)) => -100.0,
        _ => 0.0,
    }
}

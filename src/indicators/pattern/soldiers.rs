//! White candles that climb, and how their rise tires.

use crate::indicators::pattern::candle::{Candle, all_white};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdl3whitesoldiers",
        bullish(three_white_soldiers),
        [long, no_shadow, near, far],
        "Three white soldiers: three white candles without upper shadows, each of which opens in the body before it \
         or near its end and closes higher; none is far shorter than the one before, the last not short. Buyers \
         have taken over.",
    ),
    pattern!(
        "cdladvanceblock",
        bearish(advance_block),
        [long, short_shadow, long_shadow, near, far],
        "Advance block: three white candles that climb like soldiers, the first long with a short upper shadow, \
         but the later ones get shorter, or their upper shadows longer. The rise tires.",
    ),
    pattern!(
        "cdlstalledpattern",
        bearish(stalled_pattern),
        [long, short, no_shadow, near],
        "Stalled pattern: two long white candles that climb, the second without an upper shadow, then a short white \
         one near the top of the second. The rise has come to a stand.",
    ),
];

/// Whether each closes above the one before.
#[inline(always)]
fn climbs([first, second, third]: [Candle; 3]) -> bool {
    third.close() > second.close() && second.close() > first.close()
}

/// Whether a white candle opens inside the white body before it, or near its upper end.
#[inline(always)]
fn opens_on(before: Candle, after: Candle) -> bool {
    after.open() > before.open() && after.open() <= before.close() + before.near()
}

/// Whether a body is far shorter than the one before.
#[inline(always)]
fn is_far_shorter(before: Candle, after: Candle) -> bool {
    after.body() < before.body() - before.far()
}

#[inline(always)]
fn marches([first, second, third]: [Candle; 3]) -> bool {
    all_white([first, second, third])
        && climbs([first, second, third])
        && opens_on(first, second)
        && opens_on(second, third)
}

#[inline(always)]
fn three_white_soldiers([first, second, third]: [Candle; 3]) -> bool {
    marches([first, second, third])
        && [first, second, third].into_iter().all(Candle::lacks_upper_shadow)
        && second.body() > first.body() - first.far()
        && third.body() > second.body() - second.far()
        && third.is_long()
}

#[inline(always)]
fn advance_block([first, second, third]: [Candle; 3]) -> bool {
    marches([first, second, third])
        && first.is_long()
        && first.upper() < first.usual_shadow()
        && (is_far_shorter(second, third)
            || (is_far_shorter(first, second) && third.body() < second.body() + second.near())
            || (third.body() < second.body() && third.upper() > third.body())
            || (third.body() < second.body()
                && second.body() < first.body()
                && [second, third].into_iter().any(|candle| candle.upper() > candle.usual_shadow())))
}

#[inline(always)]
fn stalled_pattern([first, second, third]: [Candle; 3]) -> bool {
    all_white([first, second, third])
        && climbs([first, second, third])
        && opens_on(first, second)
        && third.open() >= second.close() - third.body() - second.near()
        && second.lacks_upper_shadow()
        && first.is_long()
        && second.is_long()
        && third.is_short()
}

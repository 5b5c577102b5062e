//! Two candles: how far the second reaches back into a long first one after a gap.

use crate::indicators::pattern::candle::{Candle, within};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdlonneck",
        bearish(on_neck),
        [long, equal],
        "On-neck: after a long black candle, a white one opens below its low and closes equal to that low. The \
         rebound was weak: the fall goes on.",
    ),
    pattern!(
        "cdlinneck",
        bearish(in_neck),
        [long, equal],
        "In-neck: after a long black candle, a white one opens below its low and closes at its close or slightly \
         above, equal to it. The rebound was weak: the fall goes on.",
    ),
    pattern!(
        "cdlthrusting",
        bearish(thrusting),
        [long, equal],
        "Thrusting: after a long black candle, a white one opens below its low and closes in the lower half of its \
         body, above what is equal to its close. The rebound failed: the fall goes on.",
    ),
    pattern!(
        "cdlpiercing",
        bullish(piercing),
        [long],
        "Piercing: after a long black candle, a long white one opens below its low and closes in the upper half of \
         its body. Buyers have won most of it back: it speaks for a rise.",
    ),
    pattern!(
        "cdldarkcloudcover",
        bearish(dark_cloud_cover, penetration = 0.5),
        [long],
        "Dark cloud cover: after a long white candle, a black one opens above its high and closes deep in its body. \
         Sellers have come: it warns of a fall.",
    ),
];

/// Whether a white candle opens below the low of a long black one.
#[inline(always)]
fn rebounds(first: Candle, second: Candle) -> bool {
    first.is_black() && second.is_white() && second.open() < first.low() && first.is_long()
}

#[inline(always)]
fn on_neck([first, second]: [Candle; 2]) -> bool {
    rebounds(first, second) && within(second.close(), first.low(), first.equal())
}

#[inline(always)]
fn in_neck([first, second]: [Candle; 2]) -> bool {
    rebounds(first, second) && second.close() >= first.close() && second.close() <= first.close() + first.equal()
}

#[inline(always)]
fn thrusting([first, second]: [Candle; 2]) -> bool {
    rebounds(first, second)
        && second.close() > first.close() + first.equal()
        && second.close() <= first.close() + first.body() * 0.5
}

#[inline(always)]
fn piercing([first, second]: [Candle; 2]) -> bool {
    rebounds(first, second)
        && second.is_long()
        && second.close() < first.open()
        && second.close() > first.close() + first.body() * 0.5
}

#[inline(always)]
fn dark_cloud_cover([first, second]: [Candle; 2], penetration: f64) -> bool {
    first.is_white()
        && second.is_black()
        && second.open() > first.high()
        && second.close() > first.open()
        && second.close() < first.close() - first.body() * penetration
        && first.is_long()
}

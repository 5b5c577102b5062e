//! One candle without a body: open and close meet.

use crate::indicators::pattern::candle::Candle;
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdldoji",
        bullish(doji),
        [doji],
        "Doji: open and close meet. Neither side has won; after a long trend it warns of a turn.",
    ),
    pattern!(
        "cdldragonflydoji",
        bullish(dragonfly_doji),
        [doji, no_shadow, shadow],
        "Dragonfly doji: a doji at the top of its range, with a lower shadow and no upper one. Sellers were driven \
         back; at a low it speaks for a rise.",
    ),
    pattern!(
        "cdlgravestonedoji",
        bullish(gravestone_doji),
        [doji, no_shadow, shadow],
        "Gravestone doji: a doji at the bottom of its range, with an upper shadow and no lower one. Buyers were \
         driven back; at a high it speaks for a fall.",
    ),
    pattern!(
        "cdllongleggeddoji",
        bullish(long_legged_doji),
        [doji, long_shadow],
        "Long-legged doji: a doji with at least one long shadow. The market went far and came back: it does not \
         know where to go.",
    ),
    pattern!(
        "cdlrickshawman",
        bullish(rickshaw_man),
        [doji, long_shadow, near],
        "Rickshaw man: a doji with two long shadows and its body near the middle of the range. The market does not \
         know where to go at all.",
    ),
    pattern!(
        "cdltakuri",
        bullish(takuri),
        [doji, no_shadow, very_long_shadow],
        "Takuri: a dragonfly doji whose lower shadow is very long. Buyers felt for the bottom and found it: it \
         speaks for a rise.",
    ),
];

#[inline(always)]
fn doji([candle]: [Candle; 1]) -> bool {
    candle.is_doji()
}

#[inline(always)]
fn dragonfly_doji([candle]: [Candle; 1]) -> bool {
    candle.is_doji() && candle.lacks_upper_shadow() && candle.has_lower_shadow()
}

#[inline(always)]
fn gravestone_doji([candle]: [Candle; 1]) -> bool {
    dragonfly_doji([candle.mirrored()])
}

#[inline(always)]
fn long_legged_doji([candle]: [Candle; 1]) -> bool {
    candle.is_doji() && candle.longer_shadow() > candle.body()
}

#[inline(always)]
fn rickshaw_man([candle]: [Candle; 1]) -> bool {
    let (middle, near) = (candle.low() + candle.range() / 2.0, candle.near());
    candle.is_doji()
        && candle.shorter_shadow() > candle.body()
        && candle.bottom() <= middle + near
        && candle.top() >= middle - near
}

#[inline(always)]
fn takuri([candle]: [Candle; 1]) -> bool {
    candle.is_doji() && candle.lacks_upper_shadow() && candle.lower() > 2.0 * candle.body()
}

//! A short body with one long shadow, and where it stands to the candle before.

use crate::indicators::pattern::candle::Candle;
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdlhammer",
        bullish(hammer),
        [short, long_shadow, no_shadow, near],
        "Hammer: a short candle with a long lower shadow and no upper one, its body below the last low or near it. \
         After a fall, buyers were found below: it speaks for a rise.",
    ),
    pattern!(
        "cdlhangingman",
        bearish(hanging_man),
        [short, long_shadow, no_shadow, near],
        "Hanging man: a hammer with its body above the last high or near it. After a rise, the market fell far \
         within a day: it warns of a fall.",
    ),
    pattern!(
        "cdlinvertedhammer",
        bullish(inverted_hammer),
        [short, long_shadow, no_shadow],
        "Inverted hammer: a short candle with a long upper shadow and no lower one, its body below that of the \
         candle before. After a fall, buyers have come: it speaks for a rise.",
    ),
    pattern!(
        "cdlshootingstar",
        bearish(shooting_star),
        [short, long_shadow, no_shadow],
        "Shooting star: a short candle with a long upper shadow and no lower one, its body above that of the \
         candle before. After a rise, buyers were driven back: it warns of a fall.",
    ),
];

/// Whether a short body hangs at the top of a long lower shadow.
#[inline(always)]
fn is_hammer(candle: Candle) -> bool {
    candle.lower() > candle.body() && candle.is_short() && candle.lacks_upper_shadow()
}

#[inline(always)]
fn hammer([before, candle]: [Candle; 2]) -> bool {
    is_hammer(candle) && candle.bottom() <= before.low() + before.near()
}

#[inline(always)]
fn hanging_man([before, candle]: [Candle; 2]) -> bool {
    is_hammer(candle) && candle.bottom() >= before.high() - before.near()
}

#[inline(always)]
fn inverted_hammer([before, candle]: [Candle; 2]) -> bool {
    candle.body_gaps_below(before) && is_hammer(candle.mirrored())
}

#[inline(always)]
fn shooting_star([before, candle]: [Candle; 2]) -> bool {
    candle.body_gaps_above(before) && is_hammer(candle.mirrored())
}

//! One candle judged by the length of its body and of its shadows.

use crate::indicators::pattern::candle::Candle;
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdlbelthold",
        either(belt_hold),
        [long, no_shadow],
        "Belt hold: a long white candle without a lower shadow, or a long black one without an upper shadow. From \
         the open on, one side had its way.",
    ),
    pattern!(
        "cdlclosingmarubozu",
        either(closing_marubozu),
        [long, no_shadow],
        "Closing marubozu: a long white candle without an upper shadow, or a long black one without a lower shadow. \
         The winning side held until the close: its direction goes on.",
    ),
    pattern!(
        "cdlmarubozu",
        either(marubozu),
        [long, no_shadow],
        "Marubozu: a long candle without shadows. One side had its way from open to close: its direction goes on.",
    ),
    pattern!(
        "cdllongline",
        either(long_line),
        [long, short_shadow],
        "Long line: a long candle with short shadows. A clear day for the side of its colour.",
    ),
    pattern!(
        "cdlshortline",
        either(short_line),
        [short, short_shadow],
        "Short line: a short candle with short shadows, by its colour. Little happened.",
    ),
    pattern!(
        "cdlspinningtop",
        either(spinning_top),
        [short, long_shadow],
        "Spinning top: a short candle with two long shadows, by its colour. Neither side could hold what it won.",
    ),
    pattern!(
        "cdlhighwave",
        either(high_wave),
        [short, very_long_shadow],
        "High wave: a short candle with two very long shadows, by its colour. The market has lost its direction.",
    ),
];

#[inline(always)]
fn belt_hold([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.is_long() && candle.lacks_lower_shadow()
}

#[inline(always)]
fn closing_marubozu([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.is_long() && candle.lacks_upper_shadow()
}

#[inline(always)]
fn marubozu([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.is_long() && candle.lacks_shadows()
}

#[inline(always)]
fn long_line([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.is_long() && candle.has_short_shadows()
}

#[inline(always)]
fn short_line([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.is_short() && candle.has_short_shadows()
}

#[inline(always)]
fn spinning_top([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.shorter_shadow() > candle.body() && candle.is_short()
}

#[inline(always)]
fn high_wave([candle]: [Candle; 1]) -> bool {
    candle.is_white() && candle.shorter_shadow() > 2.0 * candle.body() && candle.is_short()
}

//! Two candles: one body inside, around or beside the other.

use crate::indicators::pattern::candle::{Candle, all_black, within};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdlengulfing",
        either(engulfing),
        [],
        "Engulfing: a white candle whose body covers the black body before it (80 instead of 100 where they share \
         an end), or a black one that covers a white. The side that comes is stronger: a turn.",
    ),
    pattern!(
        "cdlharami",
        either(harami),
        [long, small],
        "Harami: a small body inside the long black body before it (80 instead of 100 where they share an end), or \
         inside a long white one. The trend has lost its breath: it may turn.",
    ),
    pattern!(
        "cdlharamicross",
        either(harami_cross),
        [long, doji],
        "Harami cross: a doji inside the long black body before it (80 instead of 100 where they share an end), or \
         inside a long white one. A harami with more weight.",
    ),
    pattern!(
        "cdlhomingpigeon",
        bullish(homing_pigeon),
        [long, small],
        "Homing pigeon: a small black body inside the long black body before it. Sellers tire: it speaks for a rise.",
    ),
    pattern!(
        "cdldojistar",
        either(doji_star),
        [long, doji],
        "Doji star: a doji below the long black body before it, or above a long white one. The trend ran on and \
         stopped: it may turn.",
    ),
    pattern!(
        "cdlmatchinglow",
        bullish(matching_low),
        [equal],
        "Matching low: two black candles with equal closes. The price has found a floor: it speaks for a rise.",
    ),
    pattern!(
        "cdlcounterattack",
        either(counterattack),
        [long, equal],
        "Counterattack: a long white candle that closes equal to the long black one before it, or a long black one \
         after a long white. What was lost at the open has been won back: the trend may turn.",
    ),
    pattern!(
        "cdlseparatinglines",
        either(separating_lines),
        [long, no_shadow, equal],
        "Separating lines: a long white candle without a lower shadow that opens equal to the black one before it, \
         or a long black one without an upper shadow after a white. The trend of its colour goes on.",
    ),
    pattern!(
        "cdlkicking",
        either(kicking),
        [long, no_shadow],
        "Kicking: a long black candle without shadows, and after a gap up a long white one without shadows; or the \
         same downwards. The market has changed its mind overnight.",
    ),
    pattern!(
        "cdlkickingbylength",
        either(kicking_by_length),
        [long, no_shadow],
        "Kicking by length: the two candles of a kicking, but the longer one decides: 100 where it is white, -100 \
         where it is black, whichever way the gap goes.",
    ),
];

/// How well a body lies inside another: 100, or 80 where it touches an end; 0 where it does not.
#[inline(always)]
fn fit(inner: Candle, outer: Candle) -> f64 {
    if outer.engulfs(inner) {
        100.0
    } else if inner.top() <= outer.top() && inner.bottom() >= outer.bottom() {
        80.0
    } else {
        0.0
    }
}

/// TA-Lib waits for one candle more than it reads.
#[inline(always)]
fn engulfing([_, first, second]: [Candle; 3]) -> f64 {
    let same = second.open() == first.close() && second.close() == first.open();
    if second.is_white() && first.is_black() && !same { fit(first, second) } else { 0.0 }
}

#[inline(always)]
fn harami([first, second]: [Candle; 2]) -> f64 {
    if first.is_black() && first.is_long() && second.is_small() { fit(second, first) } else { 0.0 }
}

#[inline(always)]
fn harami_cross([first, second]: [Candle; 2]) -> f64 {
    if first.is_black() && first.is_long() && second.is_doji() { fit(second, first) } else { 0.0 }
}

#[inline(always)]
fn homing_pigeon([first, second]: [Candle; 2]) -> bool {
    all_black([first, second]) && first.engulfs(second) && first.is_long() && second.is_small()
}

#[inline(always)]
fn doji_star([first, second]: [Candle; 2]) -> bool {
    first.is_black() && second.body_gaps_below(first) && first.is_long() && second.is_doji()
}

#[inline(always)]
fn matching_low([first, second]: [Candle; 2]) -> bool {
    all_black([first, second]) && within(second.close(), first.close(), first.equal())
}

#[inline(always)]
fn counterattack([first, second]: [Candle; 2]) -> bool {
    first.is_black()
        && second.is_white()
        && within(second.close(), first.close(), first.equal())
        && first.is_long()
        && second.is_long()
}

#[inline(always)]
fn separating_lines([first, second]: [Candle; 2]) -> bool {
    first.is_black()
        && second.is_white()
        && within(second.open(), first.open(), first.equal())
        && second.is_long()
        && second.lacks_lower_shadow()
}

#[inline(always)]
fn kicking([first, second]: [Candle; 2]) -> bool {
    first.is_black()
        && second.is_white()
        && second.gaps_above(first)
        && first.is_long()
        && first.lacks_shadows()
        && second.is_long()
        && second.lacks_shadows()
}

#[inline(always)]
fn kicking_by_length([first, second]: [Candle; 2]) -> f64 {
    match kicking([first, second]) {
        true if second.body() > first.body() => 100.0,
        true => -100.0,
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::pattern::testing::{ending, last, upside_down};

    const KICK: [[f64; 4]; 2] = [[110.0, 110.0, 100.0, 100.0], [112.0, 122.0, 112.0, 122.0]];

    #[test]
    fn a_kick_leaves_a_gap_between_candles_without_shadows() {
        assert_eq!(last("cdlkicking", &KICK), 100.0);
        assert_eq!(last("cdlkicking", &upside_down(KICK)), -100.0);
        let touches = ending(KICK, [110.0, 120.0, 110.0, 120.0]);
        assert_eq!(last("cdlkicking", &touches), 0.0);
        let has_a_shadow = ending(KICK, [112.0, 123.0, 112.0, 122.0]);
        assert_eq!(last("cdlkicking", &has_a_shadow), 0.0);
    }

    #[test]
    fn the_longer_candle_of_a_kick_decides() {
        let longer = ending(KICK, [112.0, 123.0, 112.0, 123.0]);
        assert_eq!(last("cdlkickingbylength", &longer), 100.0);
        assert_eq!(last("cdlkickingbylength", &upside_down(longer)), -100.0);
        let shorter = ending(KICK, [112.0, 121.0, 112.0, 121.0]);
        assert_eq!(last("cdlkickingbylength", &shorter), -100.0);
        assert_eq!(last("cdlkickingbylength", &upside_down(shorter)), 100.0);
        let touches = ending(KICK, [110.0, 121.0, 110.0, 121.0]);
        assert_eq!(last("cdlkickingbylength", &touches), 0.0);
    }
}

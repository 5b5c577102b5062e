//! Three candles that turn a trend without a gap.

use crate::indicators::pattern::candle::{Candle, all_black, within};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdl3inside",
        either(three_inside),
        [long, small],
        "Three inside: a long black candle, a small body inside its body, then a white candle that closes above the \
         first one's open; or the same downwards. A harami that the third candle confirms.",
    ),
    pattern!(
        "cdl3outside",
        either(three_outside),
        [],
        "Three outside: a black candle, a white one whose body covers its body, then a higher close; or the same \
         downwards. An engulfing that the third candle confirms.",
    ),
    pattern!(
        "cdlsticksandwich",
        bullish(stick_sandwich),
        [equal],
        "Stick sandwich: a black candle, a white one whose low is above that close, then a black one with a close \
         equal to the first. The price has found a floor: it speaks for a rise.",
    ),
    pattern!(
        "cdlunique3river",
        bullish(unique_three_river),
        [long, short],
        "Unique three river: a long black candle, a black one in its body with a lower low, then a short white one \
         that opens above that low. The fall tires: it speaks for a rise.",
    ),
    pattern!(
        "cdl3starsinsouth",
        bullish(three_stars_in_the_south),
        [long, short, long_shadow, shadow, no_shadow],
        "Three stars in the south: a long black candle with a long lower shadow, a smaller black one with a lower \
         shadow and no lower low, then a short black one without shadows inside the range of the second. The fall \
         dies away: it speaks for a rise.",
    ),
];

#[inline(always)]
fn three_inside([first, second, third]: [Candle; 3]) -> bool {
    first.is_black()
        && third.is_white()
        && third.close() > first.open()
        && first.engulfs(second)
        && first.is_long()
        && second.is_small()
}

/// TA-Lib waits for one candle more than it reads.
#[inline(always)]
fn three_outside([_, first, second, third]: [Candle; 4]) -> bool {
    first.is_black() && second.is_white() && second.engulfs(first) && third.close() > second.close()
}

#[inline(always)]
fn stick_sandwich([first, second, third]: [Candle; 3]) -> bool {
    all_black([first, third])
        && second.is_white()
        && second.low() > first.close()
        && within(third.close(), first.close(), first.equal())
}

#[inline(always)]
fn unique_three_river([first, second, third]: [Candle; 3]) -> bool {
    all_black([first, second])
        && third.is_white()
        && second.close() > first.close()
        && second.open() <= first.open()
        && second.low() < first.low()
        && third.open() > second.low()
        && first.is_long()
        && third.is_short()
}

#[inline(always)]
fn three_stars_in_the_south([first, second, third]: [Candle; 3]) -> bool {
    all_black([first, second, third])
        && second.body() < first.body()
        && second.open() > first.close()
        && second.open() <= first.high()
        && second.low() < first.close()
        && second.low() >= first.low()
        && third.is_inside(second)
        && first.lower() > first.body()
        && first.is_long()
        && second.has_lower_shadow()
        && third.is_short()
        && third.lacks_shadows()
}

#[cfg(test)]
mod tests {
    use crate::indicators::pattern::testing::last;

    #[test]
    fn stars_in_the_south_make_no_lower_low() {
        let [first, third] = [[110.0, 111.0, 92.0, 102.0], [100.0, 100.2, 98.8, 99.0]];
        assert_eq!(last("cdl3starsinsouth", &[first, [105.0, 106.0, 95.0, 101.0], third]), 100.0);
        assert_eq!(last("cdl3starsinsouth", &[first, [105.0, 106.0, 91.0, 101.0], third]), 0.0);
    }
}

//! Black candles after a rise.

use crate::indicators::pattern::candle::{Candle, all_black, within};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdl2crows",
        bearish(two_crows),
        [long],
        "Two crows: after a long white candle, a black body above it, then a black candle that opens in that body \
         and closes in the first one. The rise could not hold: it warns of a fall.",
    ),
    pattern!(
        "cdlupsidegap2crows",
        bearish(upside_gap_two_crows),
        [long, small],
        "Upside gap two crows: after a long white candle, a small black body above it, then a black one that \
         covers that body and closes above the first. The rise tires: it warns of a fall.",
    ),
    pattern!(
        "cdl3blackcrows",
        bearish(three_black_crows),
        [no_shadow],
        "Three black crows: after a white candle, three black ones without lower shadows, each of which opens in \
         the body before it and closes lower, the first below the white one's high. Sellers have taken over.",
    ),
    pattern!(
        "cdlidentical3crows",
        bearish(identical_three_crows),
        [no_shadow, equal],
        "Identical three crows: three black candles without lower shadows, each of which opens equal to the close \
         before it and closes lower. Sellers flee: it speaks for a further fall.",
    ),
];

#[inline(always)]
fn two_crows([first, second, third]: [Candle; 3]) -> bool {
    first.is_white()
        && all_black([second, third])
        && second.body_gaps_above(first)
        && second.body_holds(third.open())
        && first.body_holds(third.close())
        && first.is_long()
}

#[inline(always)]
fn upside_gap_two_crows([first, second, third]: [Candle; 3]) -> bool {
    first.is_white()
        && all_black([second, third])
        && second.body_gaps_above(first)
        && third.engulfs(second)
        && third.close() > first.close()
        && first.is_long()
        && second.is_small()
}

#[inline(always)]
fn three_black_crows([before, first, second, third]: [Candle; 4]) -> bool {
    before.is_white()
        && all_black([first, second, third])
        && before.high() > first.close()
        && falls([first, second, third])
        && first.body_holds(second.open())
        && second.body_holds(third.open())
        && [first, second, third].into_iter().all(Candle::lacks_lower_shadow)
}

#[inline(always)]
fn identical_three_crows([first, second, third]: [Candle; 3]) -> bool {
    all_black([first, second, third])
        && falls([first, second, third])
        && within(second.open(), first.close(), first.equal())
        && within(third.open(), second.close(), second.equal())
        && [first, second, third].into_iter().all(Candle::lacks_lower_shadow)
}

/// Whether each closes below the one before.
#[inline(always)]
fn falls([first, second, third]: [Candle; 3]) -> bool {
    first.close() > second.close() && second.close() > third.close()
}

#[cfg(test)]
mod tests {
    use crate::indicators::pattern::testing::{ending, last};

    #[test]
    fn three_black_crows_have_no_lower_shadows() {
        let crows = [[103.0, 104.0, 99.0, 99.0], [101.0, 102.0, 97.0, 97.0], [99.0, 100.0, 95.0, 95.0]];
        assert_eq!(last("cdl3blackcrows", &crows), -100.0);
        assert_eq!(last("cdl3blackcrows", &ending(crows, [99.0, 100.0, 93.0, 95.0])), 0.0);
    }

    #[test]
    fn identical_crows_open_where_the_last_closed() {
        let crows = [[103.0, 104.0, 99.0, 99.0], [99.0, 100.0, 95.0, 95.0], [95.0, 96.0, 91.0, 91.0]];
        assert_eq!(last("cdlidentical3crows", &crows), -100.0);
        assert_eq!(last("cdlidentical3crows", &ending(crows, [96.0, 96.0, 91.0, 91.0])), 0.0);
    }
}

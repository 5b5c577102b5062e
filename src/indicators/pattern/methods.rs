//! Four and five candles: a trend that rests and goes on, or comes to its end.

use crate::indicators::pattern::candle::{Candle, all_black, all_white};
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdl3linestrike",
        either(three_line_strike),
        [near],
        "Three-line strike: three white candles with rising closes, each of which opens in the body before it or \
         near it, then a black one that opens above the last close and closes below the first open; or the same \
         downwards. After the strike the trend goes on.",
    ),
    pattern!(
        "cdlrisefall3methods",
        either(rising_three_methods),
        [long, short],
        "Rising three methods: a long white candle, three short black ones with falling closes that do not leave \
         its range, then a long white one that opens above the last close and closes above the first; or the \
         same downwards (falling three methods). The trend has rested and goes on.",
    ),
    pattern!(
        "cdlmathold",
        bullish(mat_hold, penetration = 0.5),
        [long, short],
        "Mat hold: a long white candle, a short black body above it, two more short bodies that sink into its \
         body, but not deep, then a white candle that opens above the last close and closes above the highs of \
         the three. The rise has rested and goes on.",
    ),
    pattern!(
        "cdlbreakaway",
        either(breakaway),
        [long],
        "Breakaway: a long black candle, a black body below it, two candles with lower highs and lows, the second \
         black, then a white one that closes in the gap; or the same downwards. A trend that ran too far turns.",
    ),
    pattern!(
        "cdlladderbottom",
        bullish(ladder_bottom),
        [shadow],
        "Ladder bottom: three black candles with falling opens and closes, a black one with an upper shadow, then a \
         white one that opens above that body and closes above that high. The fall has ended.",
    ),
    pattern!(
        "cdlconcealbabyswall",
        bullish(concealing_baby_swallow),
        [shadow, no_shadow],
        "Concealing baby swallow: two black candles without shadows, a black body below them whose upper shadow \
         reaches back into the second, then a black one that covers the third with its shadows. The fall nears \
         its end.",
    ),
];

/// Whether a candle opens in the body before it, or near it.
#[inline(always)]
fn opens_about(before: Candle, after: Candle) -> bool {
    after.open() >= before.bottom() - before.near() && after.open() <= before.top() + before.near()
}

#[inline(always)]
fn three_line_strike([first, second, third, fourth]: [Candle; 4]) -> bool {
    all_white([first, second, third])
        && fourth.is_black()
        && third.close() > second.close()
        && second.close() > first.close()
        && fourth.open() > third.close()
        && fourth.close() < first.open()
        && opens_about(first, second)
        && opens_about(second, third)
}

#[inline(always)]
fn rising_three_methods([first, second, third, fourth, fifth]: [Candle; 5]) -> bool {
    let rest = [second, third, fourth];
    first.is_white()
        && all_black(rest)
        && fifth.is_white()
        && second.close() > third.close()
        && third.close() > fourth.close()
        && fifth.open() > fourth.close()
        && fifth.close() > first.close()
        && rest.into_iter().all(|candle| candle.bottom() < first.high() && candle.top() > first.low())
        && first.is_long()
        && fifth.is_long()
        && rest.into_iter().all(Candle::is_short)
}

#[inline(always)]
fn mat_hold([first, second, third, fourth, fifth]: [Candle; 5], penetration: f64) -> bool {
    let floor = first.close() - first.body() * penetration;
    let rest = [second, third, fourth];
    first.is_white()
        && second.is_black()
        && fifth.is_white()
        && second.body_gaps_above(first)
        && [third, fourth].into_iter().all(|candle| candle.bottom() < first.close() && candle.bottom() > floor)
        && third.top() < second.open()
        && fourth.top() < third.top()
        && fifth.open() > fourth.close()
        && rest.into_iter().all(|candle| fifth.close() > candle.high())
        && first.is_long()
        && rest.into_iter().all(Candle::is_short)
}

#[inline(always)]
fn breakaway([first, second, third, fourth, fifth]: [Candle; 5]) -> bool {
    all_black([first, second, fourth])
        && fifth.is_white()
        && second.body_gaps_below(first)
        && third.sinks_below(second)
        && fourth.sinks_below(third)
        && fifth.close() > second.open()
        && fifth.close() < first.close()
        && first.is_long()
}

#[inline(always)]
fn ladder_bottom([first, second, third, fourth, fifth]: [Candle; 5]) -> bool {
    all_black([first, second, third, fourth])
        && fifth.is_white()
        && first.open() > second.open()
        && second.open() > third.open()
        && first.close() > second.close()
        && second.close() > third.close()
        && fifth.open() > fourth.open()
        && fifth.close() > fourth.high()
        && fourth.has_upper_shadow()
}

#[inline(always)]
fn concealing_baby_swallow([first, second, third, fourth]: [Candle; 4]) -> bool {
    all_black([first, second, third, fourth])
        && third.body_gaps_below(second)
        && third.high() > second.close()
        && third.is_inside(fourth)
        && third.has_upper_shadow()
        && first.lacks_shadows()
        && second.lacks_shadows()
}

#[cfg(test)]
mod tests {
    use crate::indicators::pattern::testing::{ending, last, upside_down};

    #[test]
    fn a_breakaway_does_not_close_the_gap() {
        let breakaway = [
            [110.0, 111.0, 99.0, 100.0],
            [98.0, 98.5, 95.0, 96.0],
            [96.0, 97.0, 93.0, 95.0],
            [95.0, 95.5, 91.0, 92.0],
            [92.0, 99.5, 91.5, 99.0],
        ];
        assert_eq!(last("cdlbreakaway", &breakaway), 100.0);
        assert_eq!(last("cdlbreakaway", &upside_down(breakaway)), -100.0);
        assert_eq!(last("cdlbreakaway", &ending(breakaway, [92.0, 101.0, 91.5, 100.5])), 0.0);
    }

    #[test]
    fn a_swallow_covers_the_candle_before_with_its_shadows() {
        let swallow = [
            [110.0, 110.0, 105.0, 105.0],
            [104.0, 104.0, 100.0, 100.0],
            [98.0, 101.0, 95.0, 96.0],
            [102.0, 102.0, 94.0, 94.5],
        ];
        assert_eq!(last("cdlconcealbabyswall", &swallow), 100.0);
        assert_eq!(last("cdlconcealbabyswall", &ending(swallow, [102.0, 102.0, 95.0, 95.2])), 0.0);
    }

    #[test]
    fn three_methods_end_beyond_the_first_close() {
        let methods = [
            [100.0, 111.0, 99.0, 110.0],
            [108.0, 109.0, 106.0, 107.0],
            [106.0, 107.0, 104.0, 105.0],
            [104.0, 105.0, 102.0, 103.0],
            [104.0, 113.0, 103.5, 112.0],
        ];
        assert_eq!(last("cdlrisefall3methods", &methods), 100.0);
        assert_eq!(last("cdlrisefall3methods", &upside_down(methods)), -100.0);
        assert_eq!(last("cdlrisefall3methods", &ending(methods, [104.0, 113.0, 103.5, 110.0])), 0.0);
    }
}

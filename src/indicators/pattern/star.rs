//! Three candles with a star: a body that a gap separates from the one before.

use crate::indicators::pattern::candle::Candle;
use crate::indicators::pattern::node::pattern;
use crate::node::IndicatorNode;

pub(super) const NODES: &[IndicatorNode] = &[
    pattern!(
        "cdlmorningstar",
        bullish(morning_star, penetration = 0.3),
        [long, small],
        "Morning star: after a long black candle, a small body below it, then a long white candle that closes deep \
         in the first body. The fall has ended: it speaks for a rise.",
    ),
    pattern!(
        "cdleveningstar",
        mirrored(morning_star, penetration = 0.3),
        [long, small],
        "Evening star: after a long white candle, a small body above it, then a long black candle that closes deep \
         in the first body. The rise has ended: it warns of a fall.",
    ),
    pattern!(
        "cdlmorningdojistar",
        bullish(morning_doji_star, penetration = 0.3),
        [long, doji],
        "Morning doji star: a morning star whose small body is a doji. It has more weight than that.",
    ),
    pattern!(
        "cdleveningdojistar",
        mirrored(morning_doji_star, penetration = 0.3),
        [long, doji],
        "Evening doji star: an evening star whose small body is a doji. It has more weight than that.",
    ),
    pattern!(
        "cdlabandonedbaby",
        either(abandoned_baby, penetration = 0.3),
        [long, doji],
        "Abandoned baby: a morning doji star (or an evening one) whose doji does not touch its neighbours even with \
         the shadows. Rare, and a strong sign of a turn.",
    ),
    pattern!(
        "cdltristar",
        either(tristar),
        [doji],
        "Tristar: three dojis, the second's body below the first's, the third's reaching less deep than the second's; or \
         the same upwards. The market has lost its direction: it may turn.",
    ),
];

/// Whether a long white candle closes deep in a long black one, with another candle between them.
#[inline(always)]
fn recovers(first: Candle, third: Candle, penetration: f64) -> bool {
    first.is_black()
        && third.is_white()
        && third.close() > first.close() + first.body() * penetration
        && first.is_long()
        && third.is_long()
}

#[inline(always)]
fn morning_star([first, second, third]: [Candle; 3], penetration: f64) -> bool {
    second.body_gaps_below(first) && recovers(first, third, penetration) && second.is_small()
}

#[inline(always)]
fn morning_doji_star([first, second, third]: [Candle; 3], penetration: f64) -> bool {
    second.body_gaps_below(first) && recovers(first, third, penetration) && second.is_doji()
}

#[inline(always)]
fn abandoned_baby([first, second, third]: [Candle; 3], penetration: f64) -> bool {
    second.gaps_below(first) && third.gaps_above(second) && recovers(first, third, penetration) && second.is_doji()
}

/// All three are measured with what is a doji at the time of the first. That is asked first: it is rare, so
/// the processor can guess the answer.
#[inline(always)]
fn tristar([first, second, third]: [Candle; 3]) -> bool {
    [first, second, third].into_iter().all(|candle| candle.is_doji_beside(first))
        && second.body_gaps_below(first)
        && third.bottom() > second.bottom()
}

#[cfg(test)]
mod tests {
    use crate::indicators::pattern::testing::{last, upside_down};

    #[test]
    fn an_abandoned_baby_touches_no_one() {
        let [first, third] = [[110.0, 110.0, 100.0, 100.0], [99.0, 106.0, 99.0, 105.0]];
        let baby = [first, [98.0, 98.5, 97.5, 98.0], third];
        assert_eq!(last("cdlabandonedbaby", &baby), 100.0);
        assert_eq!(last("cdlabandonedbaby", &upside_down(baby)), -100.0);
        assert_eq!(last("cdlabandonedbaby", &[first, [98.0, 100.0, 97.5, 98.0], third]), 0.0);
    }
}

//! Hikkake: a false break out of a candle that lay inside the one before, and its confirmation.

use crate::indicators::pattern::candle::Candle;
use crate::indicators::pattern::node::spec;
use crate::indicators::pattern::reader::Reader;
use crate::indicators::pattern::window::{FIVE_RANGES, NO_SUMS};
use crate::node::IndicatorNode;

/// A break is confirmed within so many candles, or not at all.
const PATIENCE: usize = 3;

/// The first three candles can be the pattern, and TA-Lib waits until it could be confirmed.
const LOOKBACK: usize = 2 + PATIENCE;

/// The modified pattern's second candle, the first that can be, has five before it and two after.
const MODIFIED_LOOKBACK: usize = 5 + 2 + PATIENCE;

const SOURCE: &str = "Daniel L. Chesler, Trading False Moves with the Hikkake Pattern, Active Trader, April 2004; \
                      TA-Lib's function of this name.";

pub(super) const NODES: &[IndicatorNode] = &[
    IndicatorNode {
        spec: spec(
            &["cdlhikkake"],
            &[],
            "Hikkake: a candle inside the range of the one before, then one with a lower high and a lower low; or the \
             same upwards. Those who follow the break are trapped where the price turns back.",
            "100 on the third candle, -100 for its mirror image; 200 or -200 on the first of the next three candles \
             to close beyond the second one's other end; otherwise 0",
            "cdlhikkake(day) == 200",
            SOURCE,
        ),
        lookback: |_| Ok(LOOKBACK),
        machine: |_| Ok(Box::new(Reader::<_, NO_SUMS, _>::after(LOOKBACK, trap(hikkake)))),
    },
    IndicatorNode {
        spec: spec(
            &["cdlhikkakemod"],
            &[],
            "Modified hikkake: two candles, each inside the range of the one before, the first of them closing near \
             its low, then one with a lower high and a lower low; or the same upwards. The trap of a hikkake after a \
             narrower rest.",
            "100 on the fourth candle, -100 for its mirror image; 200 or -200 on the first of the next three candles \
             to close beyond the third one's other end; otherwise 0; near: within a fifth of the mean range of the \
             five candles before",
            "cdlhikkakemod(day) == 200",
            SOURCE,
        ),
        lookback: |_| Ok(MODIFIED_LOOKBACK),
        machine: |_| Ok(Box::new(Reader::<_, FIVE_RANGES, _>::after(MODIFIED_LOOKBACK, trap(modified_hikkake)))),
    },
];

/// The pattern that was seen last, until it is confirmed.
#[derive(Clone, Copy)]
struct Trap {
    /// 1 where it points up, -1 where it points down.
    sign: f64,
    /// The end of the candle before its last, upside down where it points down.
    end: f64,
    /// How many candles may still confirm it.
    patience: usize,
}

/// The value of a pattern by a rule for those that point up, and of its confirmation.
fn trap<const N: usize>(
    rule: impl Fn([Candle; N]) -> bool + Clone + Send,
) -> impl FnMut([Candle; N]) -> f64 + Clone + Send {
    let mut last: Option<Trap> = None;
    move |candles| {
        for (sign, candles) in [(1.0, candles), (-1.0, candles.map(Candle::mirrored))] {
            if rule(candles) {
                last = Some(Trap { sign, end: candles[N - 2].high(), patience: PATIENCE });
                return 100.0 * sign;
            }
        }
        let Some(trap) = &mut last else { return 0.0 };
        let (sign, end) = (trap.sign, trap.end);
        trap.patience -= 1;
        let confirmed = sign * candles[N - 1].close() > end;
        if confirmed || trap.patience == 0 {
            last = None;
        }
        if confirmed { 200.0 * sign } else { 0.0 }
    }
}

#[inline(always)]
fn hikkake([first, second, third]: [Candle; 3]) -> bool {
    second.is_inside(first) && third.sinks_below(second)
}

#[inline(always)]
fn modified_hikkake([first, second, third, fourth]: [Candle; 4]) -> bool {
    second.is_inside(first)
        && third.is_inside(second)
        && fourth.sinks_below(third)
        && second.close() <= second.low() + second.near()
}

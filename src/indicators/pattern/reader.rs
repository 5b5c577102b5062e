//! The machine that reads candles by a rule, and the ways in which a rule points.

use crate::indicators::pattern::candle::Candle;
use crate::indicators::pattern::window::{Window, period};
use crate::node::Machine;

/// Reads each bar with the `N - 1` before it by a rule that judges each against the `SUMS` over those before it.
#[derive(Clone)]
pub struct Reader<const N: usize, const SUMS: u8, R> {
    window: Window<N, SUMS>,
    rule: R,
    /// How many bars are left until the first value.
    wait: usize,
}

impl<const N: usize, const SUMS: u8, R: FnMut([Candle; N]) -> f64> Reader<N, SUMS, R> {
    /// A reader that gives its first value once all that its rule looks at is known.
    pub fn new(rule: R) -> Self {
        Self::after(period(SUMS) + N - 1, rule)
    }

    /// A reader that gives its first value after so many bars, whatever it reads before.
    pub fn after(lookback: usize, rule: R) -> Self {
        Self { window: Window::new(), rule, wait: lookback }
    }

    /// How many bars pass before the first value.
    pub fn lookback(&self) -> usize {
        self.wait
    }
}

impl<const N: usize, const SUMS: u8, R: FnMut([Candle; N]) -> f64 + Clone + Send> Machine for Reader<N, SUMS, R> {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 4]) -> [f64; 1] {
        let value = (self.rule)(self.window.push(bar));
        if self.wait == 0 {
            return [value];
        }
        self.wait -= 1;
        [f64::NAN]
    }
}

/// What a rule finds in some candles: whether they are the pattern, or how much they are.
pub trait Finding {
    /// From 0, which is nothing, to 100; below zero where it points the other way.
    fn value(self) -> f64;
}

impl Finding for bool {
    #[inline(always)]
    fn value(self) -> f64 {
        if self { 100.0 } else { 0.0 }
    }
}

impl Finding for f64 {
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }
}

/// The value of a pattern that points up, or to no side.
#[inline(always)]
pub fn bullish<const N: usize, Found: Finding>(
    rule: impl Fn([Candle; N]) -> Found + Clone + Send,
) -> impl Fn([Candle; N]) -> f64 + Clone + Send {
    move |candles| rule(candles).value()
}

/// The value of a pattern whose rule says itself where it points.
#[inline(always)]
pub fn signed<const N: usize>(
    rule: impl Fn([Candle; N]) -> f64 + Clone + Send,
) -> impl Fn([Candle; N]) -> f64 + Clone + Send {
    rule
}

/// The value of a pattern that points down.
#[inline(always)]
pub fn bearish<const N: usize, Found: Finding>(
    rule: impl Fn([Candle; N]) -> Found + Clone + Send,
) -> impl Fn([Candle; N]) -> f64 + Clone + Send {
    // taken from zero, because the negative of zero is another zero
    move |candles| 0.0 - rule(candles).value()
}

/// The value of a pattern that points down where the mirror image of the candles points up.
#[inline(always)]
pub fn mirrored<const N: usize, Found: Finding>(
    rule: impl Fn([Candle; N]) -> Found + Clone + Send,
) -> impl Fn([Candle; N]) -> f64 + Clone + Send {
    bearish(move |candles: [Candle; N]| rule(candles.map(Candle::mirrored)))
}

/// The value of a pattern that points up as the rule has it, and down in the mirror.
#[inline(always)]
pub fn either<const N: usize, Found: Finding>(
    rule: impl Fn([Candle; N]) -> Found + Clone + Send,
) -> impl Fn([Candle; N]) -> f64 + Clone + Send {
    move |candles| {
        let up = rule(candles).value();
        if up != 0.0 { up } else { 0.0 - rule(candles.map(Candle::mirrored)).value() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::pattern::window::{FIVE_RANGES, NO_SUMS};

    /// Whether a candle reaches above the one before.
    fn rises([before, candle]: [Candle; 2]) -> bool {
        candle.high() > before.high()
    }

    fn values<const N: usize, const SUMS: u8, R: FnMut([Candle; N]) -> f64 + Clone + Send>(
        mut reader: Reader<N, SUMS, R>,
    ) -> Vec<f64> {
        let bars = [[1.0, 2.0, 1.0, 2.0], [2.0, 3.0, 2.0, 3.0], [1.0, 2.0, 0.0, 1.0], [1.0, 2.0, 0.0, 1.0]];
        bars.into_iter().map(|bar| reader.update(bar)[0]).collect()
    }

    #[test]
    fn a_rule_points_one_way_or_both() {
        assert_eq!(values(Reader::<_, NO_SUMS, _>::new(bullish(rises)))[1..], [100.0, 0.0, 0.0]);
        assert_eq!(values(Reader::<_, NO_SUMS, _>::new(bearish(rises)))[1..], [-100.0, 0.0, 0.0]);
        assert_eq!(values(Reader::<_, NO_SUMS, _>::new(mirrored(rises)))[1..], [0.0, -100.0, 0.0]);
        let both = values(Reader::<_, NO_SUMS, _>::new(either(rises)));
        assert_eq!(both[1..], [100.0, -100.0, 0.0]);
        assert!(both[3].is_sign_positive());
    }

    #[test]
    fn nothing_is_said_before_the_lookback() {
        assert_eq!(Reader::<_, FIVE_RANGES, _>::new(bullish(rises)).lookback(), 6);
        let reader = Reader::<_, NO_SUMS, _>::after(3, bullish(rises));
        assert_eq!(values(reader).iter().position(|value| !value.is_nan()), Some(3));
    }
}

//! The vocabulary of candlestick patterns: candles, their parts, and what counts as long or near.
//!
//! A candle is judged against those before it. A mean is summed when a rule asks for it, from the
//! bars in the window: most rules fail on a colour first. So nothing runs along that could drift.

use std::array;

/// The bars that a window holds: five candles and the ten before the first of them.
const REACH: usize = 16;

/// The prices of one bar.
#[derive(Clone, Copy)]
struct Bar {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
}

/// The last bars.
#[derive(Clone)]
pub struct Window {
    /// Each bar stands in both halves, so that the last ones are one slice wherever they begin.
    bars: [Bar; 2 * REACH],
    /// Where the oldest bar stands, and the next will.
    oldest: usize,
}

impl Window {
    /// A window of bars that are not known: every comparison with them fails.
    pub fn new() -> Self {
        let unknown = Bar { open: f64::NAN, high: f64::NAN, low: f64::NAN, close: f64::NAN };
        Self { bars: [unknown; 2 * REACH], oldest: 0 }
    }

    /// Takes the next bar.
    #[inline(always)]
    pub fn push(&mut self, [open, high, low, close]: [f64; 4]) {
        let bar = Bar { open, high, low, close };
        self.bars[self.oldest] = bar;
        self.bars[self.oldest + REACH] = bar;
        self.oldest = (self.oldest + 1) % REACH;
    }

    /// The last `N` candles, five at most, the newest last.
    #[inline(always)]
    pub fn candles<const N: usize>(&self) -> [Candle<'_>; N] {
        let bars = &self.bars[self.oldest..self.oldest + REACH];
        array::from_fn(|i| Candle { bars, at: REACH - N + i, mirrored: false })
    }
}

/// A candle among those before it.
///
/// A mirrored candle is what one sees on a chart turned upside down: a long lower shadow is a long
/// upper one, a rise is a fall. So a rule that holds both ways is written once, for the rise.
#[derive(Clone, Copy)]
pub struct Candle<'a> {
    bars: &'a [Bar],
    at: usize,
    mirrored: bool,
}

impl Candle<'_> {
    /// The same candle on the chart turned upside down.
    #[inline(always)]
    pub fn mirrored(self) -> Self {
        Self { mirrored: !self.mirrored, ..self }
    }

    #[inline(always)]
    fn bar(self) -> Bar {
        let Bar { open, high, low, close } = self.bars[self.at];
        if self.mirrored { Bar { open: -open, high: -low, low: -high, close: -close } } else { self.bars[self.at] }
    }

    #[inline(always)]
    pub fn open(self) -> f64 {
        self.bar().open
    }

    #[inline(always)]
    pub fn high(self) -> f64 {
        self.bar().high
    }

    #[inline(always)]
    pub fn low(self) -> f64 {
        self.bar().low
    }

    #[inline(always)]
    pub fn close(self) -> f64 {
        self.bar().close
    }

    /// Whether it closes where it opened or higher. In the mirror such a candle is black.
    #[inline(always)]
    pub fn is_white(self) -> bool {
        let Bar { open, close, .. } = self.bars[self.at];
        (close >= open) != self.mirrored
    }

    /// Whether it closes below its open.
    #[inline(always)]
    pub fn is_black(self) -> bool {
        !self.is_white()
    }

    /// The upper end of the body.
    #[inline(always)]
    pub fn top(self) -> f64 {
        self.open().max(self.close())
    }

    /// The lower end of the body.
    #[inline(always)]
    pub fn bottom(self) -> f64 {
        self.open().min(self.close())
    }

    /// The length of the body, which lies between open and close.
    #[inline(always)]
    pub fn body(self) -> f64 {
        (self.close() - self.open()).abs()
    }

    /// The length of the upper shadow.
    #[inline(always)]
    pub fn upper(self) -> f64 {
        self.high() - self.top()
    }

    /// The length of the lower shadow.
    #[inline(always)]
    pub fn lower(self) -> f64 {
        self.bottom() - self.low()
    }

    /// From the low to the high.
    #[inline(always)]
    pub fn range(self) -> f64 {
        self.high() - self.low()
    }

    /// The mean of a measure over the candles before this one.
    #[inline(always)]
    fn mean<const PERIOD: usize>(self, measure: impl Fn(Self) -> f64) -> f64 {
        let before = (self.at - PERIOD..self.at).map(|at| Self { at, ..self });
        before.map(measure).sum::<f64>() / PERIOD as f64
    }

    #[inline(always)]
    fn usual_body(self) -> f64 {
        self.mean::<10>(Self::body)
    }

    #[inline(always)]
    pub fn is_long(self) -> bool {
        self.body() > self.usual_body()
    }

    #[inline(always)]
    pub fn is_short(self) -> bool {
        self.body() < self.usual_body()
    }

    /// Not long. A body of the usual length is small, but not short.
    #[inline(always)]
    pub fn is_small(self) -> bool {
        self.body() <= self.usual_body()
    }

    /// What is too little to be a body or a shadow.
    #[inline(always)]
    fn tiny(self) -> f64 {
        0.1 * self.mean::<10>(Self::range)
    }

    /// Whether there is next to no body.
    #[inline(always)]
    pub fn is_doji(self) -> bool {
        self.is_doji_beside(self)
    }

    /// Whether there is next to no body, by the measure of another candle.
    #[inline(always)]
    pub fn is_doji_beside(self, other: Self) -> bool {
        self.body() <= other.tiny()
    }

    #[inline(always)]
    pub fn has_upper_shadow(self) -> bool {
        self.upper() > self.tiny()
    }

    #[inline(always)]
    pub fn has_lower_shadow(self) -> bool {
        self.lower() > self.tiny()
    }

    #[inline(always)]
    pub fn lacks_upper_shadow(self) -> bool {
        self.upper() < self.tiny()
    }

    #[inline(always)]
    pub fn lacks_lower_shadow(self) -> bool {
        self.lower() < self.tiny()
    }

    #[inline(always)]
    pub fn lacks_shadows(self) -> bool {
        let tiny = self.tiny();
        self.upper() < tiny && self.lower() < tiny
    }

    /// The mean length of a shadow: half of what both have together.
    #[inline(always)]
    pub fn usual_shadow(self) -> f64 {
        self.mean::<10>(|candle| candle.upper() + candle.lower()) / 2.0
    }

    #[inline(always)]
    pub fn has_short_shadows(self) -> bool {
        let usual = self.usual_shadow();
        self.upper() < usual && self.lower() < usual
    }

    /// How far off may still be called near.
    #[inline(always)]
    pub fn near(self) -> f64 {
        0.2 * self.mean::<5>(Self::range)
    }

    /// How far off one must be to be called far.
    #[inline(always)]
    pub fn far(self) -> f64 {
        0.6 * self.mean::<5>(Self::range)
    }

    /// How far off may still be called equal.
    #[inline(always)]
    pub fn equal(self) -> f64 {
        0.05 * self.mean::<5>(Self::range)
    }

    /// Whether a price lies inside the body, not on its ends.
    #[inline(always)]
    pub fn body_holds(self, price: f64) -> bool {
        price > self.bottom() && price < self.top()
    }

    /// Whether the other's body lies inside this body and does not touch its ends.
    #[inline(always)]
    pub fn engulfs(self, other: Self) -> bool {
        other.top() < self.top() && other.bottom() > self.bottom()
    }

    /// Whether the range lies inside the other's and does not touch its ends.
    #[inline(always)]
    pub fn is_inside(self, other: Self) -> bool {
        self.high() < other.high() && self.low() > other.low()
    }

    /// Whether both the high and the low are below the other's.
    #[inline(always)]
    pub fn sinks_below(self, other: Self) -> bool {
        self.high() < other.high() && self.low() < other.low()
    }

    /// Whether the body lies above the other's and does not touch it.
    #[inline(always)]
    pub fn body_gaps_above(self, other: Self) -> bool {
        self.bottom() > other.top()
    }

    /// Whether the body lies below the other's and does not touch it.
    #[inline(always)]
    pub fn body_gaps_below(self, other: Self) -> bool {
        self.top() < other.bottom()
    }

    /// Whether the whole candle lies above the other and does not touch it.
    #[inline(always)]
    pub fn gaps_above(self, other: Self) -> bool {
        self.low() > other.high()
    }

    /// Whether the whole candle lies below the other and does not touch it.
    #[inline(always)]
    pub fn gaps_below(self, other: Self) -> bool {
        self.high() < other.low()
    }
}

/// Whether all are white.
#[inline(always)]
pub fn all_white<const N: usize>(candles: [Candle<'_>; N]) -> bool {
    candles.into_iter().all(Candle::is_white)
}

/// Whether all are black.
#[inline(always)]
pub fn all_black<const N: usize>(candles: [Candle<'_>; N]) -> bool {
    candles.into_iter().all(Candle::is_black)
}

/// Whether a value is the target, give or take the tolerance.
#[inline(always)]
pub fn within(value: f64, target: f64, tolerance: f64) -> bool {
    value >= target - tolerance && value <= target + tolerance
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve candles of body 1, range 4 and upper shadow 2, then those given.
    fn window(last: &[[f64; 4]]) -> Window {
        let mut window = Window::new();
        for bar in [[2.0, 5.0, 1.0, 3.0]; 12].iter().chain(last) {
            window.push(*bar);
        }
        window
    }

    #[test]
    fn a_candle_is_judged_by_those_before_it() {
        let window = window(&[[2.0, 6.0, 0.0, 4.0], [2.0, 2.5, 1.5, 2.0]]);
        let [usual, long, doji] = window.candles();
        assert!(!usual.is_long() && usual.is_small() && !usual.is_short());
        assert!(long.is_long() && !long.is_small());
        assert!(doji.is_doji() && doji.is_short() && !usual.is_doji());
        assert_eq!([long.near(), long.far(), long.equal()], [0.8, 2.4, 0.2]);
        assert_eq!(doji.near(), 0.2 * (4.0 * 4.0 + 6.0) / 5.0);
        assert_eq!((long.usual_shadow(), doji.usual_shadow()), (1.5, (9.0 * 3.0 + 4.0) / 10.0 / 2.0));
    }

    #[test]
    fn a_mirror_turns_the_chart_upside_down() {
        let window = window(&[[1.0, 4.0, 0.5, 3.0]]);
        let [candle] = window.candles();
        let mirrored = candle.mirrored();
        assert!(candle.is_white() && mirrored.is_black());
        assert_eq!([mirrored.upper(), mirrored.lower()], [candle.lower(), candle.upper()]);
        assert_eq!([mirrored.top(), mirrored.low()], [-1.0, -4.0]);
        assert_eq!([mirrored.body(), mirrored.range(), mirrored.near()], [2.0, 3.5, candle.near()]);
    }

    #[test]
    fn what_is_not_known_is_neither_long_nor_small() {
        let mut window = Window::new();
        window.push([1.0, 2.0, 0.0, 1.0]);
        let [candle] = window.candles();
        assert!(!candle.is_long() && !candle.is_small() && !candle.is_doji() && !candle.has_upper_shadow());
    }
}

//! The vocabulary of candlestick patterns: candles, their parts, and what counts as long or near.

use crate::indicators::pattern::window::Sums;

/// A candle, and how large those before it were.
///
/// A mirrored candle is what one sees on a chart turned upside down: a long lower shadow is a long
/// upper one, a rise is a fall. So a rule that holds both ways is written once, for the rise.
#[derive(Clone, Copy)]
pub struct Candle {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    white: bool,
    pub(super) before: Sums,
}

impl Candle {
    /// A candle from its prices and what its window knows of those before it.
    #[inline(always)]
    pub fn new([open, high, low, close]: [f64; 4], before: Sums) -> Self {
        Self { open, high, low, close, white: close >= open, before }
    }

    /// The same candle on the chart turned upside down.
    #[inline(always)]
    pub fn mirrored(self) -> Self {
        let Self { open, high, low, close, white, before } = self;
        Self { open: -open, high: -low, low: -high, close: -close, white: !white, before }
    }

    #[inline(always)]
    pub fn open(self) -> f64 {
        self.open
    }

    #[inline(always)]
    pub fn high(self) -> f64 {
        self.high
    }

    #[inline(always)]
    pub fn low(self) -> f64 {
        self.low
    }

    #[inline(always)]
    pub fn close(self) -> f64 {
        self.close
    }

    /// Whether it closes where it opened or higher. In the mirror such a candle is black.
    #[inline(always)]
    pub fn is_white(self) -> bool {
        self.white
    }

    /// Whether it closes below its open.
    #[inline(always)]
    pub fn is_black(self) -> bool {
        !self.is_white()
    }

    /// The upper end of the body.
    #[inline(always)]
    pub fn top(self) -> f64 {
        higher(self.open(), self.close())
    }

    /// The lower end of the body.
    #[inline(always)]
    pub fn bottom(self) -> f64 {
        lower(self.open(), self.close())
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

    /// The length of the shorter shadow.
    #[inline(always)]
    pub fn shorter_shadow(self) -> f64 {
        lower(self.upper(), self.lower())
    }

    /// The length of the longer shadow.
    #[inline(always)]
    pub fn longer_shadow(self) -> f64 {
        higher(self.upper(), self.lower())
    }

    /// From the low to the high.
    #[inline(always)]
    pub fn range(self) -> f64 {
        self.high() - self.low()
    }

    /// The mean body of the ten candles before.
    #[inline(always)]
    fn usual_body(self) -> f64 {
        self.before.ten_bodies / 10.0
    }

    /// The mean range of the five candles before.
    #[inline(always)]
    fn recent_range(self) -> f64 {
        self.before.five_ranges / 5.0
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
        0.1 * (self.before.ten_ranges / 10.0)
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

    /// The mean length of a shadow in the ten candles before: half of what both have together, which is
    /// what the range has more than the body.
    #[inline(always)]
    pub fn usual_shadow(self) -> f64 {
        (self.before.ten_ranges - self.before.ten_bodies) / 10.0 / 2.0
    }

    #[inline(always)]
    pub fn has_short_shadows(self) -> bool {
        let usual = self.usual_shadow();
        self.upper() < usual && self.lower() < usual
    }

    /// How far off may still be called near.
    #[inline(always)]
    pub fn near(self) -> f64 {
        0.2 * self.recent_range()
    }

    /// How far off one must be to be called far.
    #[inline(always)]
    pub fn far(self) -> f64 {
        0.6 * self.recent_range()
    }

    /// How far off may still be called equal.
    #[inline(always)]
    pub fn equal(self) -> f64 {
        0.05 * self.recent_range()
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

/// The higher of two prices. It is a comparison, where `max` would ask for NaN first: there is none here.
#[inline(always)]
fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The lower of two prices.
#[inline(always)]
fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Whether all are white.
#[inline(always)]
pub fn all_white<const N: usize>(candles: [Candle; N]) -> bool {
    candles.into_iter().all(Candle::is_white)
}

/// Whether all are black.
#[inline(always)]
pub fn all_black<const N: usize>(candles: [Candle; N]) -> bool {
    candles.into_iter().all(Candle::is_black)
}

/// Whether a value is the target, give or take the tolerance.
#[inline(always)]
pub fn within(value: f64, target: f64, tolerance: f64) -> bool {
    value >= target - tolerance && value <= target + tolerance
}

//! The last candles, and sums over those before them that do not drift.

use std::array;

use crate::indicators::pattern::candle::Candle;
use crate::indicators::window::{Sliding, Sum};

/// How many candles are kept: five for a rule, and the five before them.
const REACH: usize = 16;

/// Sums over the candles before one; NaN where they are not known, or no rule needs them.
#[derive(Clone, Copy)]
pub struct Sums {
    pub five_bodies: f64,
    pub five_ranges: f64,
    pub ten_bodies: f64,
    pub ten_ranges: f64,
}

impl Sums {
    const UNKNOWN: Self =
        Self { five_bodies: f64::NAN, five_ranges: f64::NAN, ten_bodies: f64::NAN, ten_ranges: f64::NAN };
}

/// The last candles, each with the sums over as many before it as a rule looks at: none, five
/// (ranges only) or ten.
#[derive(Clone)]
pub struct Window<const PERIOD: usize> {
    candles: [Candle; REACH],
    /// Where the oldest candle stands, and the next will.
    next: usize,
    bodies: Sliding<Sum>,
    ranges: Sliding<Sum>,
    /// What the next candle has before it.
    before: Sums,
}

impl<const PERIOD: usize> Window<PERIOD> {
    /// A window of candles that are not known: every comparison with them fails.
    pub fn new() -> Self {
        let candles = [Candle::new([f64::NAN; 4], Sums::UNKNOWN); REACH];
        Self { candles, next: 0, bodies: Sliding::new(5), ranges: Sliding::new(5), before: Sums::UNKNOWN }
    }

    /// Takes the next bar.
    #[inline(always)]
    pub fn push(&mut self, bar: [f64; 4]) {
        let candle = Candle::new(bar, self.before);
        self.candles[self.next] = candle;
        self.next = (self.next + 1) % REACH;
        // ten are these five and the five that the candle of five bars ago has before it
        let [earlier, ..] = self.candles::<5>().map(|candle| candle.before);
        if PERIOD >= 5 {
            self.before.five_ranges = known(self.ranges.push(candle.range()));
        }
        if PERIOD >= 10 {
            self.before.five_bodies = known(self.bodies.push(candle.body()));
            self.before.ten_bodies = earlier.five_bodies + self.before.five_bodies;
            self.before.ten_ranges = earlier.five_ranges + self.before.five_ranges;
        }
    }

    /// The last `N` candles, five at most, the newest last.
    #[inline(always)]
    pub fn candles<const N: usize>(&self) -> [Candle; N] {
        array::from_fn(|i| self.candles[(self.next + REACH - N + i) % REACH])
    }
}

#[inline(always)]
fn known(sum: Option<Sum>) -> f64 {
    sum.map_or(f64::NAN, |sum| sum.0)
}

#[cfg(test)]
mod tests {
    use super::Window;

    /// Twelve candles of body 1, range 4 and upper shadow 2, then those given.
    fn window(last: &[[f64; 4]]) -> Window<10> {
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
        let mut window = Window::<10>::new();
        window.push([1.0, 2.0, 0.0, 1.0]);
        let [candle] = window.candles();
        assert!(!candle.is_long() && !candle.is_small() && !candle.is_doji() && !candle.has_upper_shadow());
    }
}

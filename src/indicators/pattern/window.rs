//! The last candles, and sums over those before them that do not drift.

use std::array;

use crate::indicators::pattern::candle::Candle;
use crate::indicators::window::{Sliding, Sum};

/// How many candles are kept: five for a rule, and a power of two, so that places wrap without a division.
const REACH: usize = 8;

/// No flag: a candle is judged by itself, or beside its neighbours.
pub const NO_SUMS: u8 = 0;
/// The flag of the ranges of the five candles before.
pub const FIVE_RANGES: u8 = 1;
/// The flag of the bodies of the ten candles before.
pub const TEN_BODIES: u8 = 2;
/// The flag of the ranges of the ten candles before.
pub const TEN_RANGES: u8 = 4;

/// Over how many candles the longest of the flagged sums goes.
pub const fn period(sums: u8) -> usize {
    if sums & (TEN_BODIES | TEN_RANGES) != 0 {
        10
    } else if sums & FIVE_RANGES != 0 {
        5
    } else {
        0
    }
}

/// Sums over the candles before one; NaN where they are not known, or no rule needs them.
#[derive(Clone, Copy)]
pub struct Sums {
    pub five_ranges: f64,
    pub ten_bodies: f64,
    pub ten_ranges: f64,
}

/// A candle's prices, and what it is judged against.
#[derive(Clone, Copy)]
struct Slot {
    bar: [f64; 4],
    before: Sums,
}

/// The last `N` candles, at most five, each with the sums over those before it that `SUMS` flags: a rule
/// pays for no others.
#[derive(Clone)]
pub struct Window<const N: usize, const SUMS: u8> {
    slots: Box<[Slot; REACH]>,
    /// Where the next candle will stand. What it is judged against is there already.
    next: usize,
    five_ranges: Sliding<Sum>,
    ten_bodies: Sliding<Sum>,
    ten_ranges: Sliding<Sum>,
}

impl<const N: usize, const SUMS: u8> Window<N, SUMS> {
    /// A window of candles that are not known: every comparison with them fails.
    pub fn new() -> Self {
        let before = Sums { five_ranges: f64::NAN, ten_bodies: f64::NAN, ten_ranges: f64::NAN };
        Self {
            slots: Box::new([Slot { bar: [f64::NAN; 4], before }; REACH]),
            next: 0,
            five_ranges: Sliding::new(5),
            ten_bodies: Sliding::new(10),
            ten_ranges: Sliding::new(10),
        }
    }

    /// Takes the next bar and gives the last candles, the newest last.
    #[inline(always)]
    pub fn push(&mut self, bar: [f64; 4]) -> [Candle; N] {
        let place = self.next;
        self.next = (place + 1) % REACH;
        let newest = Candle::new(bar, self.slots[place].before);
        // A rule that reads one candle never comes back to it.
        if N > 1 {
            self.slots[place].bar = bar;
        }
        let before = &mut self.slots[self.next].before;
        if SUMS & FIVE_RANGES != 0 {
            before.five_ranges = self.five_ranges.slide(newest.range()).0;
        }
        if SUMS & TEN_BODIES != 0 {
            before.ten_bodies = self.ten_bodies.slide(newest.body()).0;
        }
        if SUMS & TEN_RANGES != 0 {
            before.ten_ranges = self.ten_ranges.slide(newest.range()).0;
        }
        array::from_fn(|i| {
            let slot = &self.slots[(place + REACH + 1 + i - N) % REACH];
            if i + 1 == N { newest } else { Candle::new(slot.bar, slot.before) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{FIVE_RANGES, TEN_BODIES, TEN_RANGES, Window};
    use crate::indicators::pattern::candle::Candle;

    /// The last of twelve candles of body 1, range 4 and upper shadow 2, and then those given.
    fn last<const N: usize>(candles: &[[f64; 4]]) -> [Candle; N] {
        let mut window = Window::<N, { FIVE_RANGES | TEN_BODIES | TEN_RANGES }>::new();
        let bars = [[2.0, 5.0, 1.0, 3.0]; 12];
        bars.iter().chain(candles).map(|bar| window.push(*bar)).last().unwrap()
    }

    #[test]
    fn a_candle_is_judged_by_those_before_it() {
        let [usual, long, doji] = last(&[[2.0, 6.0, 0.0, 4.0], [2.0, 2.5, 1.5, 2.0]]);
        assert!(!usual.is_long() && usual.is_small() && !usual.is_short());
        assert!(long.is_long() && !long.is_small());
        assert!(doji.is_doji() && doji.is_short() && !usual.is_doji());
        assert_eq!([long.near(), long.far(), long.equal()], [0.8, 2.4, 0.2]);
        assert_eq!(doji.near(), 0.2 * (4.0 * 4.0 + 6.0) / 5.0);
        assert_eq!((long.usual_shadow(), doji.usual_shadow()), (1.5, (9.0 * 3.0 + 4.0) / 10.0 / 2.0));
    }

    #[test]
    fn a_mirror_turns_the_chart_upside_down() {
        let [candle] = last(&[[1.0, 4.0, 0.5, 3.0]]);
        let mirrored = candle.mirrored();
        assert!(candle.is_white() && mirrored.is_black());
        assert_eq!([mirrored.upper(), mirrored.lower()], [candle.lower(), candle.upper()]);
        assert_eq!([mirrored.top(), mirrored.low()], [-1.0, -4.0]);
        assert_eq!([mirrored.body(), mirrored.range(), mirrored.near()], [2.0, 3.5, candle.near()]);
    }

    #[test]
    fn what_is_not_known_is_neither_long_nor_small() {
        let mut window = Window::<1, { TEN_BODIES | TEN_RANGES }>::new();
        let [candle] = window.push([1.0, 2.0, 0.0, 1.0]);
        assert!(!candle.is_long() && !candle.is_small() && !candle.is_doji() && !candle.has_upper_shadow());
    }
}

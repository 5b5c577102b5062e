//! Wilder's directional movement, which adx and its relatives are made of.

use crate::indicators::volatility::true_range;

/// A sum that forgets one part in `length` of itself before it takes the next value; it begins as
/// the sum of `length - 1` values.
#[derive(Clone)]
pub struct WilderSum {
    value: f64,
    seen: usize,
    length: usize,
    keep: f64,
}

impl WilderSum {
    pub fn new(length: usize) -> Self {
        Self { value: 0.0, seen: 0, length, keep: 1.0 - 1.0 / length as f64 }
    }

    /// Takes the next value and gives the sum; NaN until it has `length - 1` values, at least one.
    #[inline(always)]
    pub fn next(&mut self, value: f64) -> f64 {
        self.seen = (self.seen + 1).min(self.length);
        if self.seen < self.length {
            self.value += value;
        } else {
            self.value = self.value * self.keep + value;
        }
        if self.seen + 1 < self.length { f64::NAN } else { self.value }
    }
}

/// What one bar adds: how far it went beyond the last bar, up, down, and its true range.
#[derive(Clone, Copy)]
pub struct Movement {
    pub plus: f64,
    pub minus: f64,
    pub range: f64,
}

/// The last bar, to compare the next one with.
#[derive(Clone, Default)]
pub struct LastBar(Option<[f64; 3]>);

impl LastBar {
    /// Takes the next bar's high, low and close; none on the first bar.
    #[inline(always)]
    pub fn next(&mut self, [high, low, close]: [f64; 3]) -> Option<Movement> {
        let [last_high, last_low, last_close] = self.0.replace([high, low, close])?;
        let (up, down) = (high - last_high, last_low - low);
        // `&` for `&&`: which way a bar goes is a coin toss, and a branch on it would be mispredicted.
        Some(Movement {
            plus: if (up > 0.0) & (up > down) { up } else { 0.0 },
            minus: if (down > 0.0) & (down > up) { down } else { 0.0 },
            range: true_range(high, low, last_close),
        })
    }
}

/// Movement up and down as percentages of the true range, each summed Wilder's way.
#[derive(Clone)]
pub struct Directional {
    last: LastBar,
    plus: WilderSum,
    minus: WilderSum,
    range: WilderSum,
    /// How many bars are left before the sums are worth something.
    wait: usize,
}

impl Directional {
    /// The lookback is `length`.
    pub fn new(length: usize) -> Self {
        let sum = || WilderSum::new(length);
        Self { last: LastBar::default(), plus: sum(), minus: sum(), range: sum(), wait: length }
    }

    /// Takes the next bar's high, low and close and gives the two indicators, 0 to 100; none before
    /// the lookback. Both are 0 where the price has not moved at all.
    #[inline(always)]
    pub fn next(&mut self, bar: [f64; 3]) -> Option<[f64; 2]> {
        let movement = self.last.next(bar)?;
        let (plus, minus) = (self.plus.next(movement.plus), self.minus.next(movement.minus));
        let range = self.range.next(movement.range);
        if self.wait > 1 {
            self.wait -= 1;
            return None;
        }
        Some(if range == 0.0 { [0.0; 2] } else { [100.0 * plus / range, 100.0 * minus / range] })
    }
}

/// How lopsided the two indicators are, 0 to 100; none where both are 0.
#[inline]
pub fn directional_index([plus, minus]: [f64; 2]) -> Option<f64> {
    let sum = plus + minus;
    (sum != 0.0).then(|| 100.0 * (plus - minus).abs() / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_moves_one_way_or_not_at_all() {
        let mut last = LastBar::default();
        assert!(last.next([10.0, 8.0, 9.0]).is_none());
        for (bar, plus, minus, range) in [
            ([12.0, 9.0, 11.0], 2.0, 0.0, 3.0),
            ([13.0, 7.0, 8.0], 0.0, 2.0, 6.0),
            ([12.0, 8.0, 9.0], 0.0, 0.0, 4.0),
            ([20.0, 19.0, 19.0], 8.0, 0.0, 11.0),
        ] {
            let movement = last.next(bar).unwrap();
            assert_eq!([movement.plus, movement.minus, movement.range], [plus, minus, range], "{bar:?}");
        }
    }

    #[test]
    fn a_wilder_sum_begins_one_value_early() {
        let mut sum = WilderSum::new(3);
        let sums = [1.0, 2.0, 4.0, 4.0].map(|value| sum.next(value));
        assert!(sums[0].is_nan());
        assert_eq!(sums[1..], [3.0, 6.0, 8.0]);
    }
}

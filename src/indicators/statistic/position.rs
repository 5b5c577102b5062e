//! Where the extreme of a window stands, which `maxindex` and its relatives read.

use crate::indicators::window::{Aggregate, Sliding};

/// The highest value with the number of its bar, the earliest where there are several.
#[derive(Clone, Copy)]
struct Earliest {
    value: f64,
    bar: u64,
}

impl Aggregate for Earliest {
    type Value = (f64, u64);
    const EMPTY: Self = Self { value: f64::NEG_INFINITY, bar: 0 };

    #[inline]
    fn of((value, bar): (f64, u64), _reference: (f64, u64)) -> Self {
        Self { value, bar }
    }

    #[inline]
    fn then(self, later: Self) -> Self {
        if later.value > self.value { later } else { self }
    }
}

/// Follows the highest value of a window.
///
/// Of several that are the same, TA-Lib names the newest if it came while the highest before it was
/// in the window, and the oldest if the highest before it has just left.
#[derive(Clone)]
pub struct Position {
    window: Sliding<Earliest>,
    /// How many bars there were before this one.
    bar: u64,
    highest: Option<Earliest>,
}

impl Position {
    pub fn new(length: usize) -> Self {
        Self { window: Sliding::new(length), bar: 0, highest: None }
    }

    /// Takes the next value and gives the number of the bar with the highest; NaN until the window
    /// is full.
    #[inline(always)]
    pub fn next(&mut self, value: f64) -> f64 {
        let bar = self.bar;
        self.bar += 1;
        let Some(earliest) = self.window.push((value, bar)) else {
            return f64::NAN;
        };
        let inside = self.highest.filter(|highest| highest.bar + self.window.length() as u64 > bar);
        let highest = match inside {
            Some(highest) if value >= highest.value => Earliest { value, bar },
            Some(highest) => highest,
            None => earliest,
        };
        self.highest = Some(highest);
        highest.bar as f64
    }
}

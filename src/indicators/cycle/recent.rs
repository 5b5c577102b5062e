//! The values of the last fifty bars: as many as a cycle can have.

/// The longest cycle that is measured, in bars.
const LONGEST: usize = 50;

/// The last fifty values; zero where there are none yet.
#[derive(Clone)]
pub struct Recent {
    values: [f64; LONGEST],
    /// Where the newest stands; the older ones follow, around the end.
    newest: usize,
}

impl Recent {
    pub fn new() -> Self {
        Self { values: [0.0; LONGEST], newest: 0 }
    }

    #[inline(always)]
    pub fn push(&mut self, value: f64) {
        self.newest = self.newest.checked_sub(1).unwrap_or(LONGEST - 1);
        self.values[self.newest] = value;
    }

    /// The last `count` values, fifty at most, the newest first.
    #[inline(always)]
    pub fn last(&self, count: usize) -> impl Iterator<Item = f64> {
        let (later, newer) = self.values.split_at(self.newest);
        newer.iter().chain(later).copied().take(count)
    }
}

/// The period of a cycle in whole bars.
#[inline(always)]
pub fn whole_bars(period: f64) -> usize {
    (period + 0.5) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_newest_first_and_nothing_after_the_fiftieth() {
        let mut recent = Recent::new();
        (0..123).for_each(|value| recent.push(f64::from(value)));
        assert_eq!(recent.last(3).collect::<Vec<_>>(), [122.0, 121.0, 120.0]);
        let all: Vec<f64> = recent.last(1000).collect();
        assert_eq!(all, (73..123).rev().map(f64::from).collect::<Vec<_>>());
    }

    #[test]
    fn half_a_bar_counts_as_one() {
        assert_eq!([0.4, 0.5, 19.49, 19.5].map(whole_bars), [0, 1, 19, 20]);
    }
}

//! The timeline: every instant at which any instrument has a bar, in order.

use crate::backtest::feed::Prices;
use crate::time::Timestamp;

/// Walks several instruments' bars together.
pub(super) struct Timeline<'a> {
    columns: Vec<&'a [i64]>,
    cursors: Vec<usize>,
    ends: Vec<usize>,
}

impl<'a> Timeline<'a> {
    pub fn new(feeds: &[Prices<'a>]) -> Self {
        Self {
            columns: feeds.iter().map(|feed| feed.timestamp).collect(),
            cursors: feeds.iter().map(|feed| feed.start).collect(),
            ends: feeds.iter().map(|feed| feed.end).collect(),
        }
    }

    /// The next instant; fills `present` with the instruments that have a bar there, and the bar.
    #[inline]
    pub fn advance(&mut self, present: &mut Vec<(usize, usize)>) -> Option<Timestamp> {
        present.clear();
        let mut instant = None;
        for (instrument, column) in self.columns.iter().enumerate() {
            let bar = self.cursors[instrument];
            if bar >= self.ends[instrument] {
                continue;
            }
            match instant {
                Some(earliest) if column[bar] > earliest => continue,
                Some(earliest) if column[bar] < earliest => present.clear(),
                _ => {}
            }
            instant = Some(column[bar]);
            present.push((instrument, bar));
        }
        present.iter().for_each(|(instrument, _)| self.cursors[*instrument] += 1);
        instant.map(Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_merged_in_order() {
        let feed = |timestamp, start, end| Prices { timestamp, open: &[], high: &[], low: &[], close: &[], start, end };
        let (a, b) = ([1, 2, 5], [0, 2, 3, 5, 9]);
        let mut timeline = Timeline::new(&[feed(&a, 0, 3), feed(&b, 1, 5)]);
        let (mut present, mut seen) = (Vec::new(), Vec::new());
        while let Some(Timestamp(instant)) = timeline.advance(&mut present) {
            seen.push((instant, present.clone()));
        }
        let expected = [
            (1, vec![(0, 0)]),
            (2, vec![(0, 1), (1, 1)]),
            (3, vec![(1, 2)]),
            (5, vec![(0, 2), (1, 3)]),
            (9, vec![(1, 4)]),
        ];
        assert_eq!(seen, expected);
    }
}

//! Drawdowns: how far below its highest equity an account fell, how often and for how long.

use crate::data::lowest;
use crate::metrics::defined;
use crate::metrics::sums::sums;
use crate::time::Timestamp;

/// How many of the deepest drawdowns are told one by one.
const WORST: usize = 10;

/// A fall from a highest equity, until that was reached again. Points are counted from the initial
/// equity, which is 0; `bar + 1` is the close of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    /// The equity at the bottom against that at the top, as a fraction: negative.
    pub depth: f64,
    /// The point of the top.
    pub top: usize,
    /// The point of the bottom; the first of equals.
    pub bottom: usize,
    /// The point at which the top was reached again; the last point, where it never was.
    pub end: usize,
    /// Whether the top was reached again.
    pub recovered: bool,
    /// The sum over its bars of how far equity stood below the top, as a fraction: negative.
    pub sum: f64,
    /// The sum of the squares of the same.
    pub squares: f64,
}

impl Drawdown {
    /// How many bars it lasted, from the top to the end.
    pub fn bars(&self) -> usize {
        self.end - self.top
    }

    /// How many days it lasted, from the top to the end, given when each bar opened.
    pub fn days(&self, timestamps: &[Timestamp]) -> f64 {
        (time(timestamps, self.end).0 - time(timestamps, self.top).0) as f64 / Timestamp::DAY as f64
    }
}

/// When a point was: the opening instant of the bar whose close it is; for the initial equity that of
/// the first bar.
pub(super) fn time(timestamps: &[Timestamp], point: usize) -> Timestamp {
    timestamps.get(point.saturating_sub(1)).copied().unwrap_or(Timestamp(0))
}

/// The drawdowns of an equity that began at `initial`, in order, each once it has ended.
pub fn drawdowns(initial: f64, equity: &[f64]) -> impl Iterator<Item = Drawdown> {
    let (mut bar, mut top, mut highest) = (0, 0, initial);
    std::iter::from_fn(move || {
        while let Some(value) = equity.get(bar).filter(|value| **value >= highest) {
            bar += 1;
            (top, highest) = (bar, *value);
        }
        let rest = equity.get(bar..).filter(|rest| !rest.is_empty())?;
        let recovery = rest.iter().position(|value| *value >= highest);
        let below = &rest[..recovery.unwrap_or(rest.len())];
        let (scale, bottom) = (1.0 / highest, lowest(below));
        let [sum, squares] = sums(below, |value| {
            let depth = value * scale - 1.0;
            [depth, depth * depth]
        });
        let fall = Drawdown {
            depth: bottom / highest - 1.0,
            top,
            bottom: bar + 1 + below.iter().position(|value| *value == bottom).unwrap_or(0),
            end: (bar + below.len() + 1).min(equity.len()),
            recovered: recovery.is_some(),
            sum,
            squares,
        };
        bar += below.len();
        Some(fall)
    })
}

/// The maximum drawdown of an equity that began at `initial`; the first of equals. None where equity
/// never fell.
pub fn maximum_drawdown(initial: f64, equity: &[f64]) -> Option<Drawdown> {
    drawdowns(initial, equity).reduce(|deepest, next| if next.depth < deepest.depth { next } else { deepest })
}

/// All drawdowns of an equity, summed up in one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Falls {
    /// How many there were; one that has not ended counts.
    pub count: usize,
    /// The deepest, deepest first; at most ten.
    pub worst: Vec<Drawdown>,
    /// The one that lasted most bars; the first of equals.
    pub longest: Option<Drawdown>,
    /// The last, where equity has not recovered from it.
    pub open: Option<Drawdown>,
    /// The sum of their depths.
    pub depths: f64,
    /// The sum of their bars.
    pub bars: usize,
    /// The sum of their days.
    pub days: f64,
    /// The sum over all bars of how far equity stood below its highest so far, as a fraction.
    pub sum: f64,
    /// The sum of the squares of the same.
    pub squares: f64,
}

impl Falls {
    /// The drawdowns of an equity that began at `initial`.
    pub fn of(initial: f64, equity: &[f64], timestamps: &[Timestamp]) -> Self {
        let mut all = Self::default();
        for fall in drawdowns(initial, equity) {
            all.count += 1;
            all.depths += fall.depth;
            all.bars += fall.bars();
            all.days += fall.days(timestamps);
            all.sum += fall.sum;
            all.squares += fall.squares;
            if all.longest.is_none_or(|longest| fall.bars() > longest.bars()) {
                all.longest = Some(fall);
            }
            if !fall.recovered {
                all.open = Some(fall);
            }
            if all.worst.len() < WORST || all.worst.last().is_some_and(|last| fall.depth < last.depth) {
                let place = all.worst.partition_point(|other| other.depth <= fall.depth);
                all.worst.truncate(WORST - 1);
                all.worst.insert(place, fall);
            }
        }
        all
    }

    /// The deepest; the first of equals.
    pub fn deepest(&self) -> Option<&Drawdown> {
        self.worst.first()
    }

    /// Root of the sum of the squared drawdowns of all bars over `bars - 1` (as quantstats), as a fraction.
    /// None for fewer than two bars.
    pub fn ulcer_index(&self, bars: usize) -> Option<f64> {
        defined((self.squares / (bars as f64 - 1.0)).sqrt()).filter(|_| bars > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(fall: Option<Drawdown>) -> Option<(f64, usize, usize, bool)> {
        fall.map(|fall| (fall.depth, fall.top, fall.end, fall.recovered))
    }

    #[test]
    fn the_deepest_fall_lasts_until_its_top_is_reached_again() {
        let equity = [110.0, 99.0, 120.0, 60.0, 115.0, 120.0, 100.0];
        assert_eq!(span(maximum_drawdown(100.0, &equity)), Some((-0.5, 3, 6, true)));
        assert_eq!(span(maximum_drawdown(100.0, &equity[..5])), Some((-0.5, 3, 5, false)));
    }

    #[test]
    fn the_initial_equity_is_a_top_too() {
        assert_eq!(span(maximum_drawdown(100.0, &[80.0, 90.0])), Some((80.0 / 100.0 - 1.0, 0, 2, false)));
        assert_eq!(maximum_drawdown(100.0, &[]), None);
        assert_eq!(maximum_drawdown(100.0, &[100.0, 101.0]), None);
    }

    #[test]
    fn all_falls_summed_up() {
        let equity = [110.0, 99.0, 120.0, 60.0, 90.0, 120.0, 120.0, 108.0];
        let days: Vec<Timestamp> = (0..8).map(|day| Timestamp(day * Timestamp::DAY)).collect();
        let falls = Falls::of(100.0, &equity, &days);
        assert_eq!(falls.count, 3);
        let depths: Vec<f64> = falls.worst.iter().map(|fall| (fall.depth * 1e9).round() / 1e9).collect();
        assert_eq!(depths, [-0.5, -0.1, -0.1]);
        assert_eq!(falls.worst.iter().map(|fall| fall.bottom).collect::<Vec<_>>(), [4, 2, 8]);
        assert_eq!((falls.bars, falls.days), (2 + 3 + 1, 6.0));
        assert_eq!(falls.longest.map(|fall| fall.bars()), Some(3));
        assert_eq!(span(falls.open), Some((108.0 / 120.0 - 1.0, 7, 8, false)));
        let below = [0.0, 0.1, 0.0, 0.5, 0.25, 0.0, 0.0, 0.1_f64];
        assert!((falls.sum + below.iter().sum::<f64>()).abs() < 1e-12);
        let squares: f64 = below.iter().map(|depth| depth * depth).sum();
        assert!((falls.ulcer_index(8).unwrap() - (squares / 7.0).sqrt()).abs() < 1e-12);
        assert_eq!(falls.ulcer_index(1), None);
    }

    #[test]
    fn only_the_deepest_are_told_one_by_one() {
        let equity: Vec<f64> = (1..=30).flat_map(|depth| [100.0, 100.0 - f64::from(depth * 7 % 31)]).collect();
        let falls = Falls::of(100.0, &equity, &[]);
        assert_eq!((falls.count, falls.worst.len()), (30, WORST));
        let depths: Vec<f64> = falls.worst.iter().map(|fall| (fall.depth * -100.0).round()).collect();
        assert_eq!(depths, [30.0, 29.0, 28.0, 27.0, 26.0, 25.0, 24.0, 23.0, 22.0, 21.0]);
    }
}

//! Drawdowns as figures: in the mean, the longest, and the deepest one by one.

use serde::Serialize;

use crate::metrics::drawdown::time;
use crate::metrics::{Curve, Drawdown, defined};
use crate::time::Timestamp;

/// Figures of all drawdowns of an equity curve. One that has not ended counts, as far as it went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawdowns {
    /// How many there were.
    pub count: usize,
    /// Their mean depth, as a fraction: negative.
    pub average: Option<f64>,
    /// Mean number of bars from top to recovery.
    pub average_bars: Option<f64>,
    /// Mean number of days from top to recovery.
    pub average_days: Option<f64>,
    /// The most bars from a top to its recovery.
    pub longest_bars: Option<usize>,
    /// How many days that one lasted.
    pub longest_days: Option<f64>,
    /// How far equity stands below its highest at the end, as a fraction: zero or negative.
    pub current: Option<f64>,
    /// Root of the mean square of how far equity stood below its highest so far (as quantstats), as a
    /// fraction. None for fewer than two bars.
    pub ulcer_index: Option<f64>,
    /// Mean of how far equity stood below its highest so far, as a fraction: zero or positive. None without
    /// bars.
    pub pain_index: Option<f64>,
    /// The deepest, at most ten, deepest first.
    pub worst: Vec<WorstDrawdown>,
}

/// A drawdown with its dates: those of the opening of its bars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstDrawdown {
    /// How deep it was, as a fraction: negative.
    pub depth: f64,
    /// The bar of the top.
    pub from: String,
    /// The bar of the bottom.
    pub bottom: String,
    /// The bar on which the top was reached again; none where it was not.
    pub until: Option<String>,
    /// Bars from the top to `until`, or to the end.
    pub bars: usize,
    /// Days from the top to `until`, or to the end.
    pub days: f64,
}

impl Drawdowns {
    /// The drawdowns of a curve.
    pub fn of(curve: &Curve<'_>) -> Self {
        let Curve { falls, equity, timestamps, .. } = curve;
        let a_fall = |sum: f64| defined(sum / falls.count as f64);
        let below = |fall: &Drawdown| {
            let top = fall.top.checked_sub(1).map_or(curve.initial, |bar| equity[bar]);
            equity.last().map_or(0.0, |last| last / top - 1.0)
        };
        Self {
            count: falls.count,
            average: a_fall(falls.depths),
            average_bars: a_fall(falls.bars as f64),
            average_days: a_fall(falls.days),
            longest_bars: falls.longest.map(|fall| fall.bars()),
            longest_days: falls.longest.map(|fall| fall.days(timestamps)),
            current: (!equity.is_empty()).then(|| falls.open.as_ref().map_or(0.0, below)),
            ulcer_index: falls.ulcer_index(equity.len()),
            pain_index: defined(-falls.sum / equity.len() as f64).map(f64::abs),
            worst: falls.worst.iter().map(|fall| WorstDrawdown::of(fall, timestamps)).collect(),
        }
    }
}

impl WorstDrawdown {
    fn of(fall: &Drawdown, timestamps: &[Timestamp]) -> Self {
        let date = |point: usize| time(timestamps, point).to_string();
        Self {
            depth: fall.depth,
            from: date(fall.top),
            bottom: date(fall.bottom),
            until: fall.recovered.then(|| date(fall.end)),
            bars: fall.bars(),
            days: fall.days(timestamps),
        }
    }
}

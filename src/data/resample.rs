//! Coarser bars from finer ones, exactly: nothing is estimated and nothing is filled in.

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::data::actions::combined;
use crate::data::{Bars, Column, Field, highest, lowest};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// How many periods one thread takes at least.
const PERIODS: usize = 1024;

impl Bars {
    /// Bars of a coarser timeframe: open of the first bar, highest high, lowest low, close of the
    /// last, sum of volume, and the last value of every other column. Where a share was split inside a period,
    /// as a column `split_factor` has it, all of the bar is in the shares of the period's end; splits multiply, and
    /// a column `dividend` adds up.
    ///
    /// A period without bars gives no bar. A bar is stamped with the opening instant of its period,
    /// and is complete when its period ends, or with its last finer bar if that is later.
    /// The last bar is marked incomplete where the finer bars end before its period does.
    ///
    /// # Errors
    /// Where bars of that timeframe are not made of whole bars of this one ([`Timeframe::nests_in`]).
    pub fn resample(&self, timeframe: Timeframe, calendar: &Calendar) -> Result<Bars> {
        if !self.timeframe().nests_in(timeframe) {
            let message = format!("{timeframe} bars cannot be made of {} bars", self.timeframe());
            return Err(
                Diagnostic::new(message).hint("a coarser bar is made of whole finer bars: 1wk of 1d, 4h of 15m")
            );
        }
        let (opens, closes) = (self.timestamps(), self.close_instants());
        let mut starts: Vec<i64> = Vec::new();
        let mut ends: Vec<i64> = Vec::new();
        // Where each period's bars begin, and one past the end of the last.
        let mut bounds: Vec<usize> = Vec::new();
        let mut bar = 0;
        while let Some(&open) = opens.get(bar) {
            let period = calendar.period(timeframe, Timestamp(open));
            // A period may open after the bar that begins it (a Saturday's), but two never share a stamp.
            if starts.last() != Some(&period.start.0) {
                starts.push(period.start.0);
                ends.push(period.end.0);
                bounds.push(bar);
            }
            bar += before(&opens[bar..], period.end.0).max(1);
        }
        bounds.push(opens.len());
        let last_closes: Vec<i64> = periods(&bounds).map(|range| closes[range.end - 1]).collect();

        let source = self.in_last_shares(periods(&bounds))?;
        let fields = Field::ALL.map(|field| {
            let column = source.field(field);
            let over = |combine: fn(&[f64]) -> f64| -> Vec<f64> {
                bounds.par_windows(2).with_min_len(PERIODS).map(|bound| combine(&column[bound[0]..bound[1]])).collect()
            };
            match field {
                Field::Open => over(|bars| bars[0]),
                Field::High => over(|bars| known(highest(bars))),
                Field::Low => over(|bars| known(lowest(bars))),
                Field::Close => over(|bars| bars[bars.len() - 1]),
                Field::Volume => over(|bars| bars.iter().sum()),
            }
        });
        let ended = ends.last().zip(last_closes.last()).is_none_or(|(due, last)| last >= due);
        let closes = ends.iter().zip(&last_closes).map(|(due, last)| *due.max(last)).collect();
        let coarse = Bars::closing_at(timeframe, calendar, starts.into(), closes, fields.map(Column::from))?;
        let coarse = coarse.with_last_complete(ended && self.last_complete());
        source.extra().iter().try_fold(coarse, |coarse, (name, column)| {
            let values: Vec<f64> = periods(&bounds).map(|range| combined(name, &column[range])).collect();
            coarse.with_column(name, values)
        })
    }
}

/// The finer bars of each period.
fn periods(bounds: &[usize]) -> impl Iterator<Item = Range<usize>> {
    bounds.windows(2).map(|bound| bound[0]..bound[1])
}

/// How many of the sorted `instants` lie before `end`. In steps that double: a period's bars are few beside all that
/// follow, and most of the instants between are never looked at.
fn before(instants: &[i64], end: i64) -> usize {
    let mut reach = 1;
    while instants.get(reach - 1).is_some_and(|instant| *instant < end) {
        reach *= 2;
    }
    let from = reach / 2;
    let until = reach.min(instants.len());
    from + instants[from..until].partition_point(|instant| *instant < end)
}

/// What came of no number is none.
fn known(extreme: f64) -> f64 {
    if extreme.is_finite() { extreme } else { f64::NAN }
}

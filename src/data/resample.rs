//! Coarser bars from finer ones, exactly: nothing is estimated and nothing is filled in.

use std::ops::Range;

use crate::data::actions::combined;
use crate::data::{Bars, Column, Field};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

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
        let mut last_closes: Vec<i64> = Vec::new();
        // Where each period's bars begin, and one past the end of the last.
        let mut bounds: Vec<usize> = Vec::new();
        let mut until = Timestamp(i64::MIN);
        for (bar, (&open, &close)) in opens.iter().zip(closes.iter()).enumerate() {
            if Timestamp(open) >= until {
                let period = calendar.period(timeframe, Timestamp(open));
                until = period.end;
                // A period may open after the bar that begins it (a Saturday's), but two never share a stamp.
                if starts.last() != Some(&period.start.0) {
                    starts.push(period.start.0);
                    ends.push(period.end.0);
                    last_closes.push(close);
                    bounds.push(bar);
                }
            }
            if let Some(last) = last_closes.last_mut() {
                *last = close;
            }
        }
        bounds.push(opens.len());

        let source = self.in_last_shares(periods(&bounds))?;
        let fields = Field::ALL.map(|field| {
            let column = source.field(field);
            let over = |combine: fn(&[f64]) -> f64| -> Vec<f64> {
                periods(&bounds).map(|range| combine(&column[range])).collect()
            };
            match field {
                Field::Open => over(|bars| bars[0]),
                Field::High => over(|bars| bars.iter().copied().fold(f64::NAN, f64::max)),
                Field::Low => over(|bars| bars.iter().copied().fold(f64::NAN, f64::min)),
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

//! Bars beside each other: stored coarse ones and their finer ones, and the histories of several instruments.

use crate::data::{Bars, Field};
use crate::error::{Diagnostic, Result};
use crate::review::subject::Subject;
use crate::run::InstrumentValues;

/// An instrument with less than this share of the longest history is named.
const SHORT: f64 = 0.5;
/// How far outside of the finer bars' range a close may lie, as a fraction of it: a closing auction.
const TOLERANCE: f64 = 1e-3;
/// From which share of the bars on they are named.
const MOST: f64 = 0.05;

/// Looks whether coarse bars that were stored close within the range of their finer bars. Where they do
/// not, they may be stamped with another instant than that at which they open; then they are seen too early
/// or too late, for a value is seen from its bar's close on.
pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    // Where instruments are compared, that they come and go is what the comparison is for.
    let mut found = if subject.plan.looks_across() { Vec::new() } else { histories(subject)? };
    for values in subject.instruments {
        for (key, coarse) in &values.bars.bars {
            let all = values.bars.bars.iter();
            let timeframe = coarse.timeframe();
            let mut finer = all.filter(|(other, bars)| other.other() == key.other() && bars.timeframe() < timeframe);
            let Some((_, finer)) = finer.find(|(_, bars)| bars.timeframe().nests_in(timeframe)) else { continue };
            let made = finer.resample(timeframe, finer.calendar())?;
            let outside: Vec<usize> = (0..coarse.len()).filter(|bar| is_outside(coarse, *bar, &made)).collect();
            let Some(first) = outside.first() else { continue };
            if (outside.len() as f64) < MOST * coarse.len() as f64 {
                continue;
            }
            let instrument = values.bars.name_of(key);
            let message = format!(
                "{} of the {} stored {timeframe} bars of {instrument} close outside of the range of their {} bars, first that of {}",
                outside.len(),
                coarse.len(),
                finer.timeframe(),
                coarse.timestamp(*first)
            );
            found.push(
                Diagnostic::warning(message)
                    .hint("a bar is stamped with its opening instant; take the file away to have them resampled")
                    .at(subject.plan.origin_of(key).or_else(|| subject.script())),
            );
        }
    }
    Ok(found)
}

/// Instruments that are there for a small part of the time that is traded.
fn histories(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let base = |values: &InstrumentValues| values.bars.at(subject.plan.base).cloned();
    let bars: Vec<_> = subject.instruments.iter().map(base).collect::<Result<_>>()?;
    let longest = bars.iter().map(|bars| bars.len()).max().unwrap_or(0);
    let mut found = Vec::new();
    for (values, bars) in subject.instruments.iter().zip(&bars) {
        if let Some(last) = bars.len().checked_sub(1)
            && (bars.len() as f64) < SHORT * longest as f64
        {
            let message = format!(
                "{} has {} bars, from {} to {}, where another of the universe has {longest}",
                values.bars.instrument,
                bars.len(),
                bars.timestamp(0),
                bars.timestamp(last)
            );
            found.push(
                Diagnostic::warning(message)
                    .hint("before and after, the others trade alone: the figures mix two strategies")
                    .at(subject.script()),
            );
        }
    }
    Ok(found)
}

/// Whether a coarse bar closes outside of the range of the one of the same instant that was made.
fn is_outside(coarse: &Bars, bar: usize, made: &Bars) -> bool {
    let Ok(other) = made.timestamps().binary_search(&coarse.timestamp(bar).0) else { return false };
    let close = coarse.field(Field::Close)[bar];
    close > made.field(Field::High)[other] * (1.0 + TOLERANCE)
        || close < made.field(Field::Low)[other] * (1.0 - TOLERANCE)
}

//! Stored bars of a coarse timeframe beside those that the finer ones make.

use crate::data::{Bars, Field};
use crate::error::{Diagnostic, Result};
use crate::review::subject::Subject;

/// How far outside of the finer bars' range a close may lie, as a fraction of it: a closing auction.
const TOLERANCE: f64 = 1e-3;
/// From which share of the bars on they are named.
const MOST: f64 = 0.05;

/// Looks whether coarse bars that were stored close within the range of their finer bars. Where they do
/// not, they may be stamped with another instant than that at which they open; then they are seen too early
/// or too late, for a value is seen from its bar's close on.
pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let mut found = Vec::new();
    for values in subject.instruments {
        for (key, coarse) in &values.bars.bars {
            let all = values.bars.bars.iter();
            let mut finer = all.filter(|(other, _)| other.other == key.other && other.timeframe < key.timeframe);
            let Some((_, finer)) = finer.find(|(other, _)| other.timeframe.nests_in(key.timeframe)) else { continue };
            let made = finer.resample(key.timeframe, &finer.calendar())?;
            let outside: Vec<usize> = (0..coarse.len()).filter(|bar| is_outside(coarse, *bar, &made)).collect();
            let Some(first) = outside.first() else { continue };
            if (outside.len() as f64) < MOST * coarse.len() as f64 {
                continue;
            }
            let instrument = key.other.as_deref().unwrap_or(&values.bars.instrument);
            let message = format!(
                "{} of the {} stored {} bars of {instrument} close outside of the range of their {} bars, first that of {}",
                outside.len(),
                coarse.len(),
                key.timeframe,
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

/// Whether a coarse bar closes outside of the range of the one of the same instant that was made.
fn is_outside(coarse: &Bars, bar: usize, made: &Bars) -> bool {
    let Ok(other) = made.timestamps().binary_search(&coarse.timestamp(bar).0) else { return false };
    let close = coarse.field(Field::Close)[bar];
    close > made.field(Field::High)[other] * (1.0 + TOLERANCE)
        || close < made.field(Field::Low)[other] * (1.0 - TOLERANCE)
}

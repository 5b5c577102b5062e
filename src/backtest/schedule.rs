//! The schedule: the closes at which target weights are looked at.

use crate::backtest::Holding;
use crate::strategy::Every;
use crate::time::{Calendar, Timestamp};

/// The instants at which weights are looked at, in order: the first close of any instrument at which a
/// weight is known, and then every so many bars of the instrument that has most, or the first close at which
/// the period of the one before has ended on the calendars of all.
///
/// Each follows from closes at and before it, so that no future moves it.
pub(super) fn instants(every: Every, holdings: &[&Holding<'_>]) -> Vec<i64> {
    let closes: Vec<&[i64]> = holdings.iter().map(|holding| holding.closes()).collect();
    let mut calendars: Vec<&Calendar> = Vec::new();
    for calendar in holdings.iter().map(|holding| holding.feed.bars.calendar()) {
        if !calendars.contains(&calendar) {
            calendars.push(calendar);
        }
    }
    let known = |holding: &&Holding<'_>| {
        let first = holding.simulated().iter().position(|weight| weight.is_finite())?;
        holding.closes().get(first).copied()
    };
    let mut next = holdings.iter().filter_map(known).min();
    let mut instants = Vec::new();
    // How many bars of each have closed.
    let mut closed = vec![0; closes.len()];
    while let Some(instant) = next {
        instants.push(instant);
        next = match every {
            Every::Bars(bars) => {
                let after = |(closes, closed): (&&[i64], &mut usize)| {
                    *closed += closes[*closed..].partition_point(|close| *close <= instant);
                    closes.get(*closed + bars.max(1) - 1).copied()
                };
                closes.iter().zip(&mut closed).filter_map(after).min()
            }
            Every::Period(timeframe) => {
                let end = |calendar: &&Calendar| calendar.period(timeframe, Timestamp(instant)).end.0;
                let end = calendars.iter().map(end).max().unwrap_or(instant).max(instant + 1);
                let from = |closes: &&[i64]| closes.get(closes.partition_point(|close| *close < end)).copied();
                closes.iter().filter_map(from).min()
            }
        };
    }
    instants
}

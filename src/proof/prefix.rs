//! Prefixes: at which instants the data are cut off, and what is left of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::data::{Bars, Column, Field};
use crate::error::Result;
use crate::expr::BarsRef;
use crate::run::{InstrumentBars, InstrumentValues, Rows};
use crate::time::{Timeframe, Timestamp};

/// The data up to an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prefix {
    /// What was complete by then is there.
    pub until: Timestamp,
    /// Whether it is all of the data: then it shows only that the same input gives the same values
    /// again.
    pub whole: bool,
    /// Whether the bars of coarser timeframes that had begun are there too, unfinished, as a live feed
    /// shows them.
    pub unfinished: bool,
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.whole, self.unfinished) {
            (true, _) => f.write_str("on all of the data, once more"),
            (false, false) => write!(f, "on what was complete by {}", self.until),
            (false, true) => write!(f, "on what was complete by {}, and the coarser bars begun by then", self.until),
        }
    }
}

impl Prefix {
    /// How many of an instrument's bars it holds complete.
    pub(super) fn length(self, rows: Rows<'_>) -> usize {
        if self.whole { rows.len() } else { closed(rows, self.until) }
    }
}

/// How many of some rows had closed or were known at an instant. The last one of an instrument whose bars end within its
/// period counts from its close on as it is: the others of the universe are compared with it from then on.
fn closed(rows: Rows<'_>, until: Timestamp) -> usize {
    rows.close_instants().partition_point(|close| *close <= until.0)
}

/// The bars of a prefix with the base bar of the instrument that had opened by its end and not closed,
/// where there is one: an open is known as soon as it happens, and trades are made at it. The rest
/// of that bar is unknown, and all its prices are its open.
pub(super) fn with_opened(
    cut: InstrumentBars,
    all: &InstrumentBars,
    until: Timestamp,
    base: Timeframe,
) -> Result<InstrumentBars> {
    let (bars, complete) = (all.at(base)?, cut.at(base)?);
    let opened = bars.slice(complete.len()..complete.len() + 1);
    if opened.timestamps().first().is_none_or(|opening| *opening >= until.0) {
        return Ok(cut);
    }
    let open = opened.field(Field::Open).clone();
    let unknown = |field: Field, _: &Column| if field == Field::Volume { vec![0.0].into() } else { open.clone() };
    let opened = opened.with_fields(unknown).with_last_complete(false);
    let mut bars = cut.bars.clone();
    bars.insert(base.into(), Arc::new(complete.followed_by(&opened)?));
    Ok(InstrumentBars { bars, ..cut })
}

/// The bars of a prefix with those of coarser timeframes that had begun by its end, made of the
/// finer bars so far; none where none had begun.
pub(super) fn with_unfinished(cut: &InstrumentBars) -> Result<Option<InstrumentBars>> {
    let mut begun = BTreeMap::new();
    for (key, coarse) in &cut.bars {
        let nests = |bars: &Arc<Bars>| bars.timeframe().nests_in(coarse.timeframe());
        let finer = |(other, bars): &(&BarsRef, &Arc<Bars>)| other.other() == key.other() && nests(bars);
        let finer = cut.bars.range(..key).find(finer);
        let Some((_, finer)) = finer else { continue };
        let made = finer.resample(coarse.timeframe(), finer.calendar())?;
        let last = made.slice(made.len().saturating_sub(1)..made.len()).with_last_complete(false);
        if last.timestamps().first() > coarse.timestamps().last() {
            begun.insert(key.clone(), Arc::new(coarse.followed_by(&last)?));
        }
    }
    if begun.is_empty() {
        return Ok(None);
    }
    let mut bars = cut.bars.clone();
    bars.extend(begun);
    Ok(Some(InstrumentBars { bars, ..cut.clone() }))
}

/// Chooses at most `count` instants at which to cut, in order of time: the first bar, the last but
/// one, and `required`; then, half of what is left, instants at which something begins (`edges`,
/// and where coarser bars close) and the base bars around them; the rest are spread over all bars.
/// They are the same on every run.
pub(super) fn choose(
    instruments: &[InstrumentValues],
    base: Timeframe,
    required: &[i64],
    edges: &[i64],
    count: usize,
) -> Result<Vec<Timestamp>> {
    let mut closes = BTreeSet::new();
    let mut begun = BTreeSet::new();
    for instrument in instruments {
        let bars = instrument.bars.at(base)?;
        let complete = bars.len() - usize::from(!bars.last_complete() && !bars.is_empty());
        closes.extend(bars.close_instants().iter().take(complete).copied());
        let others = instrument.bars.bars.iter().filter(|(key, _)| **key != base.into());
        let others = others.map(|(_, bars)| bars.close_instants());
        for coarse in others.chain(instrument.bars.external.values().map(|external| external.known_at())) {
            // The first ones, some in between, the last ones.
            let at = |share: usize| coarse.get((coarse.len().saturating_sub(1)) * share / 4).copied();
            begun.extend((0..=4).filter_map(at));
        }
    }
    let closes: Vec<i64> = closes.into_iter().collect();
    // The whole of the data is no prefix.
    let Some(last) = closes.len().checked_sub(1) else { return Ok(Vec::new()) };
    let inside = |instant: &i64| *instant < closes[last];
    begun.extend(edges);
    let around = |instant: i64| {
        let after = closes.partition_point(|close| *close < instant);
        [after.checked_sub(1), Some(after), Some(after + 1)].into_iter().flatten().filter(|bar| *bar < last)
    };
    let begun: BTreeSet<i64> = begun.into_iter().flat_map(around).map(|bar| closes[bar]).collect();
    let begun: Vec<i64> = begun.into_iter().collect();

    let mut chosen: BTreeSet<i64> = BTreeSet::new();
    let ends = [last.checked_sub(1).map(|bar| closes[bar]), closes.first().copied()];
    let first = ends.into_iter().flatten().chain(required.iter().copied()).filter(inside);
    chosen.extend(first.take(count));
    let half = (count - chosen.len()).div_ceil(2).min(begun.len());
    chosen.extend((0..half).map(|index| begun[index * begun.len() / half]));
    // Steps of the golden ratio: spread evenly whatever their number, and never in step with weeks or months.
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for number in 1..=4 * last {
        if chosen.len() >= count.min(last) {
            break;
        }
        let share = (number as f64 * golden).fract();
        chosen.insert(closes[(share * last as f64) as usize]);
    }
    Ok(chosen.into_iter().map(Timestamp).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{External, Releases, Revisions};
    use crate::time::Calendar;

    /// Ten weekdays from Monday 1970-01-05 with their weeks; day n closes at n.
    fn two_weeks() -> InstrumentBars {
        let days = [4, 5, 6, 7, 8, 11, 12, 13, 14, 15].map(|day| day * Timestamp::DAY).to_vec();
        let price: Vec<f64> = (1..=10).map(f64::from).collect();
        let fields = [price.clone(), price.clone(), price.clone(), price, vec![1.0; 10]];
        let days = Bars::new(Timeframe::DAY, &Calendar::Weekdays, days, fields).unwrap();
        let weeks = days.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
        InstrumentBars::new("made/UP".parse().unwrap(), [days, weeks])
    }

    #[test]
    fn a_prefix_holds_what_was_complete_and_then_what_had_begun() {
        let all = two_weeks();
        let lengths = |bars: &InstrumentBars| bars.bars.values().map(|bars| bars.len()).collect::<Vec<_>>();
        for (until, expected, begun) in [
            ("1970-01-06", [1, 0], Some(1.0)),
            ("1970-01-09", [4, 0], Some(4.0)),
            ("1970-01-10", [5, 1], None),
            ("1970-01-12 12:00", [5, 1], None),
            ("1970-01-13", [6, 1], Some(6.0)),
            ("1970-01-17", [10, 2], None),
        ] {
            let until: Timestamp = until.parse().unwrap();
            let cut = all.known_by(until).unwrap();
            assert_eq!(lengths(&cut), expected, "{until}");
            let live = with_unfinished(&cut).unwrap();
            assert_eq!(live.is_some(), begun.is_some(), "{until}");
            let (Some(live), Some(close)) = (live, begun) else { continue };
            let week = live.at(Timeframe::WEEK).unwrap();
            assert_eq!(lengths(&live), [expected[0], expected[1] + 1]);
            assert_eq!(week.field(Field::Close)[expected[1]], close);
            assert!(!week.last_complete() && *week.close_instants().last().unwrap() > until.0, "{until}");
            assert_eq!(week.slice(0..expected[1]), **cut.at(Timeframe::WEEK).unwrap());
        }
    }

    #[test]
    fn a_prefix_holds_what_external_series_had_released() {
        let at = |days: [i64; 3]| days.map(|day| day * Timestamp::DAY).to_vec();
        // Of day 4 known at 6, of day 5 at 8; at 12 the first is revised.
        let value = vec![("value".into(), vec![1.0, 2.0, 3.0].into())];
        let releases = Releases::new(at([4, 5, 4]), at([6, 8, 12]), value).unwrap();
        let external = External::new(releases, Revisions::Known, None).unwrap();
        let all = two_weeks().with_external("made/x".parse().unwrap(), external);
        let values = |day: i64| {
            let cut = all.known_by(Timestamp(day * Timestamp::DAY)).unwrap();
            cut.external.values().next().unwrap().column("value").unwrap().to_vec()
        };
        assert_eq!(values(5), [0.0; 0]);
        assert_eq!((values(6), values(11)), (vec![1.0], vec![1.0, 2.0]));
        // What is known later is not, and then the past is told anew.
        assert_eq!(values(12), [1.0, 2.0, 3.0, 2.0]);
    }

    #[test]
    fn what_follows_its_own_beginning_is_what_was_there() {
        let all = two_weeks();
        let days = (**all.at(Timeframe::DAY).unwrap()).clone().with_column("adj_close", vec![0.5; 10]).unwrap();
        for length in 1..10 {
            assert_eq!(days.slice(0..length).followed_by(&days.slice(length..99)).unwrap(), days);
        }
        assert!(days.followed_by(&days).is_err() && days.followed_by(all.at(Timeframe::WEEK).unwrap()).is_err());
    }
}

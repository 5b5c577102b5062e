//! Steps at which all instruments of the universe meet: each one's value beside those of the others.

use std::iter;
use std::sync::Arc;

use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

use crate::data::{Column, Instrument};
use crate::error::{Diagnostic, Result};
use crate::plan::{Operation, Plan, Step};
use crate::run::{InstrumentBars, Value};
use crate::time::{Timeframe, Timestamp};

/// How long after its close, beside one period of its timeframe, a bar still counts: longer than any
/// exchange is closed for holidays.
const LONGEST_PAUSE: i64 = 10 * Timestamp::DAY;

/// The instruments' last values at one timeframe, as time goes on.
///
/// At an instant each instrument counts with the last of its bars that have closed by then; one that has none
/// yet, or none for longer than its timeframe and ten days, is left out.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// By instrument, its place in the order of names.
    places: Arc<[usize]>,
    /// How long a value counts, in microseconds.
    lasting: i64,
    /// By place: when the last bar closed; before all time where none has.
    closes: Vec<i64>,
    /// By place: the value of the last bar.
    last: Vec<f64>,
    values: Vec<f64>,
    results: Vec<f64>,
}

impl Section {
    /// Before any bar has closed.
    pub fn new(places: Arc<[usize]>, timeframe: Timeframe) -> Self {
        let count = places.len();
        let period = timeframe.seconds().saturating_mul(Timestamp::SECOND);
        let lasting = period.saturating_add(LONGEST_PAUSE);
        let unknown = vec![f64::NAN; count];
        let (closes, last) = (vec![i64::MIN; count], unknown.clone());
        Self { places, lasting, closes, last, values: unknown.clone(), results: unknown }
    }

    /// A bar of an instrument has closed with a value.
    pub fn closed(&mut self, instrument: usize, instant: i64, value: f64) {
        let place = self.places[instrument];
        (self.closes[place], self.last[place]) = (instant, value);
    }

    /// Compares what counts at an instant, when all bars that close there have.
    pub fn compare(&mut self, operation: &Operation, instant: i64) {
        let earliest = instant.saturating_sub(self.lasting);
        for ((value, last), close) in self.values.iter_mut().zip(&self.last).zip(&self.closes) {
            *value = if *close >= earliest { *last } else { f64::NAN };
        }
        match operation {
            Operation::Across(across) => across.apply(&self.values, &mut self.results),
            Operation::Pick(pick) => pick.apply(&self.values, &mut self.results),
            _ => self.results.fill(f64::NAN),
        }
    }

    /// What the last comparison gave for an instrument.
    pub fn result(&self, instrument: usize) -> f64 {
        self.results[self.places[instrument]]
    }
}

/// By instrument, its place in the order of names. What is computed across instruments goes by it, so
/// that it does not hang on the order of the universe.
pub(super) fn places<'a>(instruments: impl IntoIterator<Item = &'a Instrument>) -> Arc<[usize]> {
    let mut named: Vec<(&Instrument, usize)> = instruments.into_iter().zip(0..).collect();
    named.sort();
    let mut places = vec![0; named.len()];
    named.into_iter().enumerate().for_each(|(place, (_, instrument))| places[instrument] = place);
    places.into()
}

/// Computes a step that compares instruments, from each one's bars and the values of the step's input over
/// them. Bars of an instrument that close at one instant share what the last of them shows.
///
/// A comparison is made once an instant: with so many instruments, and instants at which any of them
/// has a bar, it takes O(instants × instruments × log instruments).
///
/// # Errors
/// Where the step is no such one, or an instrument has no bars at its timeframe.
pub fn evaluate_across(plan: &Plan, step: &Step, instruments: &[(&InstrumentBars, &Value)]) -> Result<Vec<Value>> {
    /// Fewer values than these are not worth waking another thread for.
    const PART: usize = 1 << 16;
    if !step.operation.is_across() {
        return Err(Diagnostic::new("the step compares no instruments").at(step.origin.clone()));
    }
    let key = plan.bars_of(step);
    let column = |(bars, value): &(&InstrumentBars, &Value)| {
        let closes = bars.of(&key)?.close_instants().clone();
        Ok(Closed { values: value.numbers(closes.len()), closes })
    };
    let columns = instruments.iter().map(column).collect::<Result<Vec<Closed>>>()?;
    let section = Section::new(
        places(instruments.iter().map(|(bars, _)| &bars.instrument)),
        key.timeframe().unwrap_or(plan.base),
    );
    let results = compared(&step.operation, &section, &columns, (PART / columns.len().max(1)).max(1));
    let value = |results: Vec<f64>| match step.operation.is_condition() {
        true => Value::Condition(results.iter().map(|result| *result != 0.0).collect()),
        false => Value::Series(results.into()),
    };
    Ok(results.into_iter().map(value).collect())
}

/// An instrument's bars: when they close, and their values.
struct Closed {
    closes: ScalarBuffer<i64>,
    values: Column,
}

/// For each instrument what its bars get; in parts of about so many bars, on as many threads as there are.
fn compared(operation: &Operation, section: &Section, columns: &[Closed], part: usize) -> Vec<Vec<f64>> {
    let longest = columns.iter().max_by_key(|column| column.closes.len());
    let longest = longest.map(|column| &column.closes[..]).unwrap_or_default();
    let mut ends: Vec<i64> = longest.chunks(part).filter_map(|bars| bars.last().copied()).collect();
    // The last part goes on to the end of all instruments.
    ends.pop();
    let begins = iter::once(i64::MIN).chain(ends.iter().copied());
    let parts: Vec<(i64, i64)> = begins.zip(ends.iter().copied().chain([i64::MAX])).collect();
    let of_part = |(after, until): &(i64, i64)| compared_in(operation, section.clone(), columns, *after, *until);
    let parts: Vec<Vec<Vec<f64>>> = match parts.as_slice() {
        [one] => vec![of_part(one)],
        all => all.par_iter().map(of_part).collect(),
    };
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_default();
    for part in parts {
        all.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
    }
    all
}

/// The same for the bars that close after an instant, until another.
fn compared_in(
    operation: &Operation,
    mut section: Section,
    columns: &[Closed],
    after: i64,
    until: i64,
) -> Vec<Vec<f64>> {
    let mut feeds: Vec<Feed<'_>> = columns.iter().map(|column| Feed::new(column, after, until)).collect();
    for (instrument, feed) in feeds.iter().enumerate() {
        if let Some((close, value)) = feed.last() {
            section.closed(instrument, close, value);
        }
    }
    let mut next = feeds.iter().filter_map(Feed::next).min();
    while let Some(instant) = next {
        for (instrument, feed) in feeds.iter_mut().enumerate() {
            if let Some(value) = feed.advance(instant) {
                section.closed(instrument, instant, value);
            }
        }
        section.compare(operation, instant);
        let filled = |(instrument, feed): (usize, &mut Feed<'_>)| {
            feed.fill(section.result(instrument));
            feed.next()
        };
        next = feeds.iter_mut().enumerate().filter_map(filled).min();
    }
    feeds.into_iter().map(|feed| feed.results).collect()
}

/// One instrument's bars, as they close, and what they get.
struct Feed<'a> {
    closes: &'a [i64],
    values: &'a [f64],
    /// How many bars have closed, and how many had before the first that gets something.
    closed: usize,
    before: usize,
    results: Vec<f64>,
}

impl<'a> Feed<'a> {
    fn new(column: &'a Closed, after: i64, until: i64) -> Self {
        let before = column.closes.partition_point(|close| *close <= after);
        let end = column.closes.partition_point(|close| *close <= until);
        let results = Vec::with_capacity(end - before);
        Self { closes: &column.closes[..end], values: &column.values, closed: before, before, results }
    }

    /// When the next bar closes.
    fn next(&self) -> Option<i64> {
        self.closes.get(self.closed).copied()
    }

    /// When the last bar closed, and its value.
    fn last(&self) -> Option<(i64, f64)> {
        let last = self.closed.checked_sub(1)?;
        Some((*self.closes.get(last)?, self.values.get(last).copied().unwrap_or(f64::NAN)))
    }

    /// Takes the bars that close at an instant; gives the value of the last of them.
    fn advance(&mut self, instant: i64) -> Option<f64> {
        let before = self.closed;
        while self.next() == Some(instant) {
            self.closed += 1;
        }
        (self.closed > before).then(|| self.values.get(self.closed - 1).copied().unwrap_or(f64::NAN))
    }

    /// What the bars get that have closed since the last time.
    fn fill(&mut self, result: f64) {
        while self.results.len() < self.closed - self.before {
            self.results.push(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Across, Pick};

    /// Some numbers that no eye sees a rule in.
    fn scattered(seed: i64, count: i64) -> Vec<i64> {
        (0..count).map(|index| (index * 7_919 + seed * 104_729) % 101).collect()
    }

    #[test]
    fn parts_are_what_the_whole_is() {
        let column = |seed: i64| {
            let mut closes: Vec<i64> = scattered(seed, 40 + seed).iter().map(|day| day * Timestamp::DAY).collect();
            closes.sort_unstable();
            let values = scattered(seed + 5, 40 + seed).iter().map(|value| (value % 9) as f64).collect();
            Closed { closes: closes.into(), values }
        };
        let columns: Vec<Closed> = (0..6).map(column).collect();
        let section = Section::new([3, 1, 5, 0, 2, 4].into(), Timeframe::DAY);
        for operation in
            [Operation::Across(Across::Rank), Operation::Across(Across::Sum), Operation::Pick(Pick::Top(2))]
        {
            let whole = compared(&operation, &section, &columns, usize::MAX);
            assert!(whole.iter().zip(&columns).all(|(results, column)| results.len() == column.closes.len()));
            for part in [1, 2, 3, 7, 20, 44, 45, 46] {
                assert_eq!(compared(&operation, &section, &columns, part), whole, "{part}");
            }
        }
        assert_eq!(
            compared(&Operation::Across(Across::Rank), &Section::new([].into(), Timeframe::DAY), &[], 3).len(),
            0
        );
    }
}

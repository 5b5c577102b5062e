//! Steps at which all instruments of the universe meet: each one's value beside those of the others.

use std::sync::Arc;

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
    /// By place: when the last bar closed, and its value.
    last: Vec<Option<(i64, f64)>>,
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
        Self { places, lasting, last: vec![None; count], values: unknown.clone(), results: unknown }
    }

    /// A bar of an instrument has closed with a value.
    pub fn closed(&mut self, instrument: usize, instant: i64, value: f64) {
        self.last[self.places[instrument]] = Some((instant, value));
    }

    /// Compares what counts at an instant, when all bars that close there have.
    pub fn compare(&mut self, operation: &Operation, instant: i64) {
        for (value, last) in self.values.iter_mut().zip(&self.last) {
            let counts = last.filter(|(closed, _)| instant.saturating_sub(*closed) <= self.lasting);
            *value = counts.map_or(f64::NAN, |(_, value)| value);
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
pub fn evaluate_across<'a>(
    plan: &Plan,
    step: &Step,
    instruments: &[(&'a InstrumentBars, &Value)],
) -> Result<Vec<Value>> {
    if !step.operation.is_across() {
        return Err(Diagnostic::new("the step compares no instruments").at(step.origin.clone()));
    }
    let key = step.bars.clone().unwrap_or_else(|| plan.base.into());
    let feed = |(bars, value): &(&'a InstrumentBars, &Value)| Ok(Feed::new(bars.of(&key)?.close_instants(), value));
    let mut feeds = instruments.iter().map(feed).collect::<Result<Vec<Feed<'_>>>>()?;
    let places = places(instruments.iter().map(|(bars, _)| &bars.instrument));
    let mut section = Section::new(places, key.timeframe);
    while let Some(instant) = feeds.iter().filter_map(Feed::next).min() {
        for (instrument, feed) in feeds.iter_mut().enumerate() {
            if let Some(value) = feed.advance(instant) {
                section.closed(instrument, instant, value);
            }
        }
        section.compare(&step.operation, instant);
        feeds.iter_mut().enumerate().for_each(|(instrument, feed)| feed.fill(section.result(instrument)));
    }
    let truth = step.operation.is_condition();
    let value = |Feed { results, .. }| match truth {
        true => Value::Condition(results.iter().map(|result| *result != 0.0).collect()),
        false => Value::Series(results.into()),
    };
    Ok(feeds.into_iter().map(value).collect())
}

/// One instrument's bars, as they close, and what they get.
struct Feed<'a> {
    closes: &'a [i64],
    values: Column,
    /// How many bars have closed.
    closed: usize,
    results: Vec<f64>,
}

impl<'a> Feed<'a> {
    fn new(closes: &'a [i64], value: &Value) -> Self {
        Self { closes, values: value.numbers(closes.len()), closed: 0, results: Vec::with_capacity(closes.len()) }
    }

    /// When the next bar closes.
    fn next(&self) -> Option<i64> {
        self.closes.get(self.closed).copied()
    }

    /// Takes the bars that close at an instant; gives the value of the last of them.
    fn advance(&mut self, instant: i64) -> Option<f64> {
        let before = self.closed;
        while self.next() == Some(instant) {
            self.closed += 1;
        }
        let last = self.closed.checked_sub(1).filter(|_| self.closed > before)?;
        Some(self.values.get(last).copied().unwrap_or(f64::NAN))
    }

    /// What the bars get that have closed since the last time.
    fn fill(&mut self, result: f64) {
        self.results.resize(self.closed, result);
    }
}

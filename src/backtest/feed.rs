//! Feeds: the bars that the broker steps through, checked once.

use std::ops::Range;

use crate::data::{Bars, Field, Instrument};
use crate::error::{Diagnostic, Result};

/// An instrument, its bars at the base timeframe, and the range of them to simulate.
#[derive(Clone, Debug)]
pub struct Feed<'a> {
    /// What is traded.
    pub instrument: Instrument,
    /// Its bars at the base timeframe, all of them.
    pub bars: &'a Bars,
    /// The first bar of the simulation, and the first at whose close an order may be made.
    pub start: usize,
    /// One past the last bar of the simulation.
    pub end: usize,
    /// Bars of a finer timeframe, in which `Intrabar::FinerBars` looks up the order of events.
    pub finer: Option<&'a Bars>,
}

impl<'a> Feed<'a> {
    /// All bars of an instrument.
    pub fn new(instrument: Instrument, bars: &'a Bars) -> Self {
        Self { instrument, bars, start: 0, end: bars.len(), finer: None }
    }
}

/// The places of instruments in the order of their names, which is that in which they are dealt with:
/// no result hangs on the order in which they are given.
pub(super) fn by_name<'a>(instruments: impl Iterator<Item = &'a Instrument>) -> Vec<usize> {
    let names: Vec<&Instrument> = instruments.collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|place| names[*place]);
    order
}

/// The columns of a feed.
#[derive(Clone, Copy)]
pub(super) struct Prices<'a> {
    pub timestamp: &'a [i64],
    pub close_instant: &'a [i64],
    pub open: &'a [f64],
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    pub start: usize,
    pub end: usize,
    /// The columns of the finer bars.
    pub finer: Option<Finer<'a>>,
}

/// The columns of bars of a finer timeframe.
#[derive(Clone, Copy)]
pub(super) struct Finer<'a> {
    timestamp: &'a [i64],
    close_instant: &'a [i64],
    open: &'a [f64],
    high: &'a [f64],
    low: &'a [f64],
    close: &'a [f64],
}

impl<'a> Finer<'a> {
    fn new(bars: &'a Bars) -> Self {
        Self {
            timestamp: bars.timestamps(),
            close_instant: bars.close_instants(),
            open: bars.field(Field::Open),
            high: bars.field(Field::High),
            low: bars.field(Field::Low),
            close: bars.field(Field::Close),
        }
    }

    /// The bars that open and close within a span of time, both instants included.
    pub fn within(self, open: i64, close: i64) -> impl Iterator<Item = Bar> {
        let first = self.timestamp.partition_point(|instant| *instant < open);
        let end = self.close_instant.partition_point(|instant| *instant <= close).max(first);
        let bar = move |bar: usize| Bar {
            open: self.open[bar],
            high: self.high[bar],
            low: self.low[bar],
            close: self.close[bar],
        };
        (first..end).map(bar)
    }
}

/// The prices of one bar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
}

impl<'a> Prices<'a> {
    /// # Errors
    /// Where the range is none of the bars', or a price in it is not above zero or not within its
    /// bar's low and high: no fill could be trusted.
    pub fn new(feed: &Feed<'a>) -> Result<Self> {
        let Feed { instrument, bars, start, end, .. } = feed;
        if start > end || *end > bars.len() {
            let message =
                format!("bars {start} to {end} of {instrument} are to be simulated, but there are {}", bars.len());
            return Err(Diagnostic::new(message));
        }
        let prices = Self {
            timestamp: bars.timestamps(),
            close_instant: bars.close_instants(),
            open: bars.field(Field::Open),
            high: bars.field(Field::High),
            low: bars.field(Field::Low),
            close: bars.field(Field::Close),
            start: *start,
            end: *end,
            finer: feed.finer.map(Finer::new),
        };
        match prices.first_unsound() {
            None => Ok(prices),
            Some(bar) => {
                let Bar { open, high, low, close } = prices.bar(bar);
                let time = bars.timestamp(bar);
                Err(Diagnostic::new(format!(
                    "{instrument} cannot be traded at {time}: open {open}, high {high}, low {low}, close {close}"
                ))
                .hint("every price must be above zero, and open and close within low and high: correct the data"))
            }
        }
    }

    fn first_unsound(&self) -> Option<usize> {
        /// Bars looked at together, so that the machine compares several at once.
        const BARS: usize = 64;
        let chunks = (self.start..self.end).step_by(BARS).map(|from| from..self.end.min(from + BARS));
        let unsound = |mut bars: Range<usize>| bars.find(|bar| !self.bar(*bar).is_sound());
        chunks.filter(|bars| !self.are_sound(bars.clone())).find_map(unsound)
    }

    fn are_sound(&self, bars: Range<usize>) -> bool {
        let of = |column: &'a [f64]| column[bars.clone()].iter();
        let rows = of(self.open).zip(of(self.high)).zip(of(self.low).zip(of(self.close)));
        rows.fold(true, |all, ((&open, &high), (&low, &close))| all & Bar { open, high, low, close }.is_sound())
    }

    #[inline]
    pub fn bar(&self, bar: usize) -> Bar {
        Bar { open: self.open[bar], high: self.high[bar], low: self.low[bar], close: self.close[bar] }
    }
}

impl Bar {
    fn is_sound(self) -> bool {
        let within = |price: f64| (self.low <= price) & (price <= self.high);
        (self.low > 0.0) & (self.high < f64::INFINITY) & within(self.open) & within(self.close)
    }
}

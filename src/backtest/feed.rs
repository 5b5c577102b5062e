//! Feeds: the bars that the broker steps through, checked once.

use std::ops::Range;

use arrow_buffer::ScalarBuffer;

use crate::data::{Action, Bars, Column, Field, Instrument, SPLIT_FACTOR};
use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

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
    /// What market orders and stops lose to slippage, in price units, as known at each bar's close;
    /// NaN where not known. A fill reads the last that was known before it.
    pub slippage: Option<&'a [f64]>,
}

impl<'a> Feed<'a> {
    /// All bars of an instrument.
    pub fn new(instrument: Instrument, bars: &'a Bars) -> Self {
        Self { instrument, bars, start: 0, end: bars.len(), finer: None, slippage: None }
    }

    /// # Errors
    /// Where the range is none of the bars'.
    pub(super) fn check_range(&self) -> Result<()> {
        let Self { instrument, bars, start, end, .. } = self;
        if start > end || *end > bars.len() {
            let message =
                format!("bars {start} to {end} of {instrument} are to be simulated, but there are {}", bars.len());
            return Err(Diagnostic::new(message));
        }
        Ok(())
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
pub(super) struct Prices<'a> {
    pub timestamp: &'a ScalarBuffer<i64>,
    pub close_instant: &'a [i64],
    pub open: &'a [f64],
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    pub volume: &'a [f64],
    pub slippage: Option<&'a [f64]>,
    pub start: usize,
    pub end: usize,
    /// Bars of a finer timeframe.
    pub finer: Option<&'a Bars>,
    /// What the prices are not adjusted for.
    pub actions: Vec<Action>,
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
    /// Where the range is none of the bars', or what they say of splits and dividends cannot be.
    pub fn new(feed: &Feed<'a>) -> Result<Self> {
        let Feed { instrument, bars, start, end, .. } = feed;
        feed.check_range()?;
        if let Some(values) = feed.slippage.map(<[f64]>::len).filter(|values| *values != bars.len()) {
            let message = format!("the slippage of {instrument} has {values} values for {} bars", bars.len());
            return Err(Diagnostic::new(message));
        }
        let (slippage, finer, actions) = (feed.slippage, feed.finer, bars.actions()?);
        Ok(Self { slippage, finer, actions, ..Self::of(bars, *start, *end) })
    }

    /// # Errors
    /// Where a price is not above zero or not within its bar's low and high: no fill could be trusted.
    pub fn check(&self, instrument: &Instrument) -> Result<()> {
        match self.first_unsound() {
            None => Ok(()),
            Some(bar) => {
                let Bar { open, high, low, close } = self.bar(bar);
                let time = Timestamp(self.timestamp[bar]);
                Err(Diagnostic::new(format!(
                    "{instrument} cannot be traded at {time}: open {open}, high {high}, low {low}, close {close}"
                ))
                .hint("every price must be above zero, and open and close within low and high: correct the data"))
            }
        }
    }

    /// The columns of a range of bars, as they are.
    pub fn of(bars: &'a Bars, start: usize, end: usize) -> Self {
        Self {
            timestamp: bars.timestamps(),
            close_instant: bars.close_instants(),
            open: bars.field(Field::Open),
            high: bars.field(Field::High),
            low: bars.field(Field::Low),
            close: bars.field(Field::Close),
            volume: bars.field(Field::Volume),
            slippage: None,
            start,
            end,
            finer: None,
            actions: Vec::new(),
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

    /// The finer bars that open and close within a bar, in the shares of its end.
    pub fn finer_within(&self, bar: usize) -> impl Iterator<Item = Bar> {
        let (open, close) = (self.timestamp[bar], self.close_instant[bar]);
        self.finer.into_iter().flat_map(move |finer| {
            let first = finer.timestamps().partition_point(|instant| *instant < open);
            let end = finer.close_instants().partition_point(|instant| *instant <= close).max(first);
            let [open, high, low, close] =
                [Field::Open, Field::High, Field::Low, Field::Close].map(|field| finer.field(field));
            let splits = finer.column(SPLIT_FACTOR).filter(|_| !self.actions.is_empty());
            (first..end).map(move |bar| {
                let later: f64 = splits.map_or(1.0, |splits| splits[bar + 1..end].iter().product());
                let price = |column: &Column| column[bar] / later;
                Bar { open: price(open), high: price(high), low: price(low), close: price(close) }
            })
        })
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

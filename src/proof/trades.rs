//! Trades and equity of the full run beside those of a prefix.

use std::fmt;

use crate::backtest::{Backtest, ExitReason, Trade};
use crate::node::Side;
use crate::proof::compare::{Tally, same};
use crate::proof::{Difference, Figure, Part, Prefix};
use crate::run::InstrumentBars;
use crate::strategy::Fill;
use crate::time::{Timeframe, Timestamp};

/// What a prefix's bars reach: for each instrument the opening instant of the last complete bar, and of
/// the first that is missing.
///
/// At the close of its last bar a simulation ends, and no rule is asked any more. Where orders fill at the
/// close that made them, that bar shows nothing of what a longer simulation does there.
pub(super) struct Reach {
    last: Vec<Option<Timestamp>>,
    missing: Timestamp,
    fill: Fill,
}

impl Reach {
    pub fn of(instruments: &[&InstrumentBars], base: Timeframe, fill: Fill, prefix: Prefix) -> Self {
        let bars = |bars: &InstrumentBars| bars.at(base).ok().cloned();
        let ends: Vec<(Option<i64>, Option<i64>)> = instruments
            .iter()
            .map(|instrument| {
                let Some(bars) = bars(instrument) else { return (None, None) };
                let length = prefix.length((&bars).into());
                let open = |bar: usize| bars.timestamps().get(bar).copied();
                (length.checked_sub(1).and_then(open), open(length))
            })
            .collect();
        let last = ends.iter().map(|(last, _)| last.map(Timestamp)).collect();
        let missing = ends.iter().filter_map(|(_, missing)| *missing).min();
        Self { last, missing: Timestamp(missing.unwrap_or(i64::MAX)), fill }
    }

    fn holds(&self, instrument: usize, time: Timestamp) -> bool {
        self.last.get(instrument).copied().flatten().is_some_and(|last| match self.fill {
            Fill::NextOpen => time <= last,
            Fill::SameClose => time < last,
        })
    }

    /// Whether a trade has ended within it. That an instrument is delisted shows only long after its last bar.
    fn ends(&self, trade: &Trade) -> bool {
        !matches!(trade.reason, ExitReason::EndOfData | ExitReason::Delisted)
            && self.holds(trade.instrument, trade.exit_time)
    }

    /// Whether a trade began within it and has not ended.
    fn is_open(&self, trade: &Trade) -> bool {
        !self.ends(trade) && self.holds(trade.instrument, trade.entry_time)
    }
}

impl Tally {
    /// Compares every trade that ended on the prefix's bars, the entry of every position that was open
    /// at their end, and what the account stood at before. Gives how many trades were compared.
    pub fn trades<'a>(&mut self, all: &'a Backtest, some: &'a Backtest, reach: &Reach, prefix: Prefix) -> u64 {
        let ended =
            |of: &'a Backtest| -> Vec<&'a Trade> { of.trades.iter().filter(|trade| reach.ends(trade)).collect() };
        let (with, without) = (ended(all), ended(some));
        let first = (0..with.len().max(without.len())).find(|index| with.get(*index) != without.get(*index));
        if let Some(index) = first {
            let trade =
                |trades: &[&Trade]| trades.get(index).map(|trade| (trade.instrument, closed(trade), trade.entry_time));
            self.note(difference(all, prefix, "a trade", trade(&with), trade(&without)));
        }
        let open = |of: &Backtest| entries(of.trades.iter().filter(|trade| reach.is_open(trade)));
        let (open_with, open_without) = (open(all), open(some));
        let count = open_with.len().max(open_without.len());
        let first = (0..count).find(|index| match (open_with.get(*index), open_without.get(*index)) {
            (Some(a), Some(b)) => !a.equals(b),
            _ => true,
        });
        if let Some(index) = first {
            let entry =
                |entries: &[Entry]| entries.get(index).map(|entry| (entry.instrument, entry.to_string(), entry.time));
            let (with, without) = (entry(&open_with), entry(&open_without));
            self.note(difference(all, prefix, "the entry of an open position", with, without));
        }
        self.account(all, some, reach, prefix);
        (with.len() + open_with.len()) as u64
    }

    /// Compares what stood at the close of every bar but the last, at which a prefix closes everything.
    fn account(&mut self, all: &Backtest, some: &Backtest, reach: &Reach, prefix: Prefix) {
        let last = some.timestamps.len().saturating_sub(usize::from(!prefix.whole));
        let bars = some.timestamps[..last].partition_point(|time| *time < reach.missing);
        let columns = [
            ("equity", &all.equity, &some.equity),
            ("cash", &all.cash, &some.cash),
            ("exposure", &all.exposure, &some.exposure),
        ];
        for (name, with, without) in columns {
            let at = |column: &[f64], bar: usize| column.get(bar).copied().unwrap_or(f64::NAN);
            self.values += bars as u64;
            let Some(bar) = (0..bars).find(|bar| !same(at(with, *bar), at(without, *bar))) else { continue };
            self.note(Difference {
                part: Part::Equity,
                what: format!("the account's {name}"),
                origin: None,
                instrument: None,
                timeframe: None,
                bar: Some(bar),
                timestamp: some.timestamps.get(bar).copied(),
                prefix,
                with_future: Figure::Number(at(with, bar)),
                without_future: Figure::Number(at(without, bar)),
            });
        }
    }
}

/// An entry: an instrument, what is said of it, and when it was.
type Told = Option<(usize, String, Timestamp)>;

fn difference(all: &Backtest, prefix: Prefix, what: &str, with: Told, without: Told) -> Difference {
    let either = with.as_ref().or(without.as_ref());
    let text = |told: &Told| Figure::Text(told.as_ref().map_or("none".into(), |(_, text, _)| text.clone()));
    Difference {
        part: Part::Trade,
        what: what.into(),
        origin: None,
        instrument: either.and_then(|(instrument, ..)| all.universe.get(*instrument)).cloned(),
        timeframe: None,
        bar: None,
        timestamp: either.map(|(_, _, time)| *time),
        prefix,
        with_future: text(&with),
        without_future: text(&without),
    }
}

/// A trade that has ended, in words.
fn closed(trade: &Trade) -> String {
    let reason = trade.reason.name().replace('_', " ");
    let entry = Entry::of(trade);
    format!("{entry}, out {} at {} ({reason}), profit {}", trade.exit_time, trade.exit_price, trade.profit)
}

/// The entry of a position that is still open; its units may leave in parts.
struct Entry {
    instrument: usize,
    time: Timestamp,
    side: Side,
    price: f64,
    units: f64,
}

impl Entry {
    fn of(trade: &Trade) -> Self {
        let Trade { instrument, side, units, entry_time, entry_price, .. } = *trade;
        Self { instrument, time: entry_time, side, price: entry_price, units }
    }

    fn is_the_same(&self, other: &Self) -> bool {
        (self.instrument, self.time, self.side) == (other.instrument, other.time, other.side)
            && same(self.price, other.price)
    }

    /// Units that leave in parts add up but for rounding.
    fn equals(&self, other: &Self) -> bool {
        self.is_the_same(other) && (self.units - other.units).abs() <= 1e-12 * self.units.abs()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Side::Long { "long" } else { "short" };
        write!(f, "{side} {} units, in {} at {}", self.units, self.time, self.price)
    }
}

/// The entries of trades, each once, by instrument and time.
fn entries<'a>(trades: impl Iterator<Item = &'a Trade>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in trades.map(Entry::of) {
        match entries.iter_mut().find(|known| known.is_the_same(&entry)) {
            Some(known) => known.units += entry.units,
            None => entries.push(entry),
        }
    }
    entries.sort_by_key(|entry| (entry.instrument, entry.time));
    entries
}

//! Held: the exits of an instrument's open position, and what they ask for.

use crate::backtest::Market;
use crate::backtest::actions::split_guards;
use crate::backtest::cursor::Truth;
use crate::backtest::order::{Guard, GuardKind};
use crate::backtest::rule::Reader;
use crate::node::{Exit, OpenPosition, Protection, Side};

/// The exits of an instrument's open position.
#[derive(Default)]
pub(super) struct Held {
    /// None where one has left with its part.
    pub exits: Vec<Option<Box<dyn Exit>>>,
    /// What they asked for last.
    pub guards: Vec<Guard>,
    /// How often more was added to the position.
    pub additions: usize,
    /// The addition that the exits have not been told of.
    pub added: Option<Added>,
    /// Whether a stop or a target of it has filled since the last close.
    pub touched: bool,
    /// How many bars the position is to have been held when one of them is next asked.
    pub next_asked: Option<usize>,
    /// How many it had been held when they were last asked.
    asked: usize,
}

/// What was added to a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    /// The bar of the signal.
    pub signal: usize,
    /// How many shares one of that bar is by now.
    pub splits: f64,
}

/// What the exits and the sizer read of one instrument.
pub(super) struct Readers<'a> {
    pub exits: Vec<Reader<'a>>,
    pub size: Reader<'a>,
}

/// An exit that wishes to leave, and with how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wish {
    pub exit: usize,
    pub portion: f64,
}

impl<'a> Readers<'a> {
    pub fn new(market: &'a Market<'_>) -> Self {
        let exits = market.exit_inputs.iter().map(|inputs| Reader::new(inputs)).collect();
        Self { exits, size: Reader::new(&market.size_inputs) }
    }
}

impl Held {
    /// The exits that are still there, each with what belongs to it.
    fn exits_with<R>(&self, of_each: impl IntoIterator<Item = R>) -> impl Iterator<Item = (&dyn Exit, R)> {
        self.exits.iter().zip(of_each).filter_map(|(exit, own)| Some((exit.as_deref()?, own)))
    }

    /// Takes what an exit asks for.
    pub fn take(&mut self, exit: usize, protection: Protection) {
        let Protection { stop, target, portion, .. } = protection;
        let guard = |kind, price: Option<f64>| price.map(|price| Guard { kind, price, exit, portion });
        self.guards.extend(guard(GuardKind::Stop, stop).into_iter().chain(guard(GuardKind::Target, target)));
    }

    /// When one of the exits is next to be asked, after so many bars; but for those that wait for a condition
    /// that is known beforehand.
    pub fn plan(&mut self, readers: &[Reader<'_>], bars_held: usize) {
        let others = self.exits_with(readers).filter(|(exit, reader)| condition(*exit, reader).is_none());
        self.next_asked = others.filter_map(|(exit, _)| exit.next_asked(bars_held)).min();
        self.asked = bars_held;
    }

    /// The first bar, from `from` on, on which a condition holds that one of the exits waits for.
    pub fn next_condition(&self, readers: &mut [Reader<'_>], from: usize) -> Option<usize> {
        self.exits_with(readers).filter_map(|(exit, reader)| reader.next_truth(exit.waits_for()?, from)).min()
    }

    /// Each share has become so many: its prices are of these from now on.
    pub fn split(&mut self, factor: f64) {
        self.exits.iter_mut().flatten().for_each(|exit| exit.split(factor));
        split_guards(&mut self.guards, factor);
        if let Some(added) = &mut self.added {
            added.splits *= factor;
        }
    }

    /// Whether the exits have something to be asked at a close.
    #[inline]
    pub fn is_due(&self, readers: &[Reader<'_>], bar: usize, bars_held: usize) -> bool {
        let holds = |column: &[f64]| column[bar].holds();
        // Where the oldest entry has left, the position is as old as the next one.
        self.added.is_some()
            || bars_held <= self.asked
            || self.next_asked.is_some_and(|bars| bars_held >= bars)
            || self.exits_with(readers).any(|(exit, reader)| condition(exit, reader).is_some_and(holds))
    }

    /// Asks the exits at the close of a bar, moves stops and targets, and gives who wishes to leave.
    /// `values` is room for one node's inputs.
    pub fn ask(
        &mut self,
        readers: &mut [Reader<'_>],
        values: &mut Vec<f64>,
        bar: usize,
        position: &OpenPosition,
    ) -> Vec<Wish> {
        self.guards.clear();
        let (added, mut wishes) = (self.added.take(), Vec::new());
        for (index, reader) in readers.iter_mut().enumerate() {
            let Some(exit) = &mut self.exits[index] else { continue };
            if let Some(Added { signal, splits }) = added {
                let then = position.split(1.0 / splits);
                reader.read(values, signal, &then);
                exit.split(1.0 / splits);
                exit.added(&then, values);
                exit.split(splits);
            }
            reader.read(values, bar, position);
            let protection = exit.bar_closed(position, values);
            self.take(index, protection);
            if protection.close {
                wishes.push(Wish { exit: index, portion: protection.portion });
            }
        }
        self.plan(readers, position.bars_held);
        wishes
    }

    /// An exit has left with its part.
    pub fn is_done(&mut self, exit: usize) {
        self.exits[exit] = None;
        self.guards.retain(|guard| guard.exit != exit);
    }
}

/// The condition that an exit waits for, where it is known beforehand.
fn condition<'a>(exit: &dyn Exit, reader: &Reader<'a>) -> Option<&'a [f64]> {
    exit.waits_for().and_then(|input| reader.column(input))
}

/// How far away the nearest stop of all of a position is.
pub(super) fn stop_distance(guards: &[Guard], side: Side, price: f64) -> Option<f64> {
    let stops = guards.iter().filter(|guard| guard.kind == GuardKind::Stop && guard.portion >= 1.0);
    stops.map(|stop| side.sign() * (price - stop.price)).reduce(f64::min)
}

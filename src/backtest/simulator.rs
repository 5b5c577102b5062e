//! The simulator: signals, exits and a sizer make the orders.

use std::mem;
use std::sync::Arc;

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::engine::{Trader, run};
use crate::backtest::feed::by_name;
use crate::backtest::order::{Action, Guard, GuardKind, Order, Quote, Size, Terms};
use crate::backtest::rule::Reader;
use crate::backtest::{Backtest, EntryOrder, ExitReason, Feed, Policies, RuleInput};
use crate::data::Field;
use crate::error::{Diagnostic, Result};
use crate::expr::{Arguments, Call};
use crate::node::{
    Exit, ExitNode, OpenPosition, Protection, Refusal, Registry, Side, Sizer, SizerNode, SizingContext, inputs,
};
use crate::strategy::{Matching, Strategy};

/// The rules of one side, a truth value for each of the feed's bars.
#[derive(Clone, Copy, Debug)]
pub struct SideSignals<'a> {
    /// When to enter.
    pub enter: &'a [bool],
    /// When to leave; never by rule where there is none.
    pub exit: Option<&'a [bool]>,
    /// How to enter.
    pub order: EntryOrder<'a>,
}

/// One instrument with everything that the strategy computed for it. Every column and every slice
/// has a value for each of the feed's bars.
#[derive(Clone, Debug)]
pub struct Market<'a> {
    /// The instrument and its bars.
    pub feed: Feed<'a>,
    /// When to buy and when to sell again.
    pub long: Option<SideSignals<'a>>,
    /// When to sell short and when to buy back.
    pub short: Option<SideSignals<'a>>,
    /// For each exit of the strategy, the values of [`crate::node::inputs`] of its arguments, at
    /// the base timeframe; a condition as 1 and 0.
    pub exit_inputs: Vec<Vec<RuleInput>>,
    /// The same of the sizer.
    pub size_inputs: Vec<RuleInput>,
}

/// What holds for every instrument.
#[derive(Clone)]
pub struct Setup<'a> {
    /// Where the exits and the sizer are looked up.
    pub registry: &'a Registry,
    /// What protects an open position.
    pub exits: &'a [Arc<Call>],
    /// How much to trade.
    pub size: &'a Call,
    /// Costs, account, and how orders fill.
    pub policies: Policies,
}

impl<'a> Setup<'a> {
    /// What a strategy declared.
    pub fn of(strategy: &'a Strategy, registry: &'a Registry) -> Self {
        let Strategy { costs, account, matching, fill, intrabar, .. } = *strategy;
        let policies = Policies { costs, account, matching, fill, intrabar };
        Self { registry, exits: &strategy.exits, size: &strategy.size, policies }
    }
}

/// Simulates a strategy's rules on its instruments, with one account.
///
/// Rules are read at each close. One position an instrument: `enter` while in a position of the
/// same side does nothing. `enter` of the other side closes and opens the other way. Where `enter`
/// and `exit` of a side hold on one bar, `exit` wins and that side is not entered; where both sides
/// would enter, neither does. A bar's order acts at the instrument's next bar, so the last instant of
/// the timeline makes none; what is open then is closed at the last close. Linear in the bars.
///
/// # Errors
/// Where a column does not fit the bars, a bar's prices cannot be traded at, or an exit or sizer is
/// not in the registry.
pub fn simulate(setup: &Setup<'_>, markets: &[Market<'_>]) -> Result<Backtest> {
    let mut exits = Vec::new();
    for call in setup.exits {
        let Some(node) = setup.registry.exit(&call.node) else {
            return Err(Diagnostic::new(format!("there is no exit called `{}`", call.node)).at(call.origin.clone()));
        };
        (node.exit)(&call.arguments).map_err(|e| e.at(call.origin.clone()))?;
        exits.push((node, &call.arguments));
    }
    let size = setup.size;
    let Some(SizerNode { sizer, .. }) = setup.registry.sizer(&size.node) else {
        return Err(Diagnostic::new(format!("there is no sizer called `{}`", size.node)).at(size.origin.clone()));
    };
    let sizer = sizer(&size.arguments).map_err(|e| e.at(size.origin.clone()))?;
    markets.iter().try_for_each(|market| check(setup, market))?;
    let order = by_name(markets.iter().map(|market| &market.feed.instrument));
    let markets: Vec<&Market<'_>> = order.iter().map(|place| &markets[*place]).collect();
    let feeds: Vec<&Feed<'_>> = markets.iter().map(|market| &market.feed).collect();
    let names = setup.exits.iter().map(|call| call.node.clone()).collect();
    let readers = markets.iter().map(|market| Readers::new(market)).collect();
    let held = markets.iter().map(|_| Held::default()).collect();
    let matching = setup.policies.matching;
    let mut simulator = Simulator { matching, markets, readers, exits, sizer, held, inputs: Vec::new() };
    run(setup.policies, &feeds, names, &mut simulator).map(|backtest| backtest.reordered(&order))
}

/// Checks that every column is there and fits the bars.
fn check(setup: &Setup<'_>, market: &Market<'_>) -> Result<()> {
    let (instrument, bars) = (&market.feed.instrument, market.feed.bars.len());
    let fits = |what: &str, length: usize| match length == bars {
        true => Ok(()),
        false => Err(Diagnostic::new(format!("{what} of {instrument} has {length} values for {bars} bars"))),
    };
    for side in [&market.long, &market.short].into_iter().flatten() {
        fits("an `enter` rule", side.enter.len())?;
        side.exit.map_or(Ok(()), |exit| fits("an `exit` rule", exit.len()))?;
        side.order.columns().try_for_each(|column| fits("the price of an order", column.len()))?;
    }
    if market.exit_inputs.len() != setup.exits.len() {
        let (given, needed) = (market.exit_inputs.len(), setup.exits.len());
        return Err(Diagnostic::new(format!("{instrument} has the inputs of {given} exits: there are {needed}")));
    }
    let calls = setup.exits.iter().map(Arc::as_ref).chain([setup.size]);
    for (call, given) in calls.zip(market.exit_inputs.iter().chain([&market.size_inputs])) {
        let needed = inputs(&call.arguments).len();
        if given.len() != needed {
            let message = format!("{instrument} has {} inputs for `{}`, which reads {needed}", given.len(), call.node);
            return Err(Diagnostic::new(message));
        }
        let mut columns = given.iter().flat_map(RuleInput::columns);
        columns.try_for_each(|column| fits("an input", column.len()))?;
    }
    Ok(())
}

struct Simulator<'a> {
    matching: Matching,
    markets: Vec<&'a Market<'a>>,
    readers: Vec<Readers<'a>>,
    exits: Vec<(&'a ExitNode, &'a Arguments)>,
    sizer: Box<dyn Sizer>,
    held: Vec<Held>,
    /// Room for one node's inputs.
    inputs: Vec<f64>,
}

/// The exits of an instrument's open position.
#[derive(Default)]
struct Held {
    /// None where one has left with its part.
    exits: Vec<Option<Box<dyn Exit>>>,
    /// What they asked for last.
    guards: Vec<Guard>,
    /// How many bars the position is to have been held when one of them is next asked.
    next_asked: Option<usize>,
    /// Whether a stop or a target of it has filled since the last close.
    touched: bool,
}

/// What the exits and the sizer read of one instrument.
struct Readers<'a> {
    exits: Vec<Reader<'a>>,
    size: Reader<'a>,
}

impl<'a> Readers<'a> {
    fn new(market: &'a Market<'_>) -> Self {
        let exits = market.exit_inputs.iter().map(|inputs| Reader::new(inputs)).collect();
        Self { exits, size: Reader::new(&market.size_inputs) }
    }
}

impl Held {
    /// Takes what an exit asks for.
    fn take(&mut self, exit: usize, protection: Protection) {
        let Protection { stop, target, portion, .. } = protection;
        let guard = |kind, price: Option<f64>| price.map(|price| Guard { kind, price, exit, portion });
        self.guards.extend(guard(GuardKind::Stop, stop).into_iter().chain(guard(GuardKind::Target, target)));
    }

    /// When one of the exits is next to be asked, after so many bars.
    fn plan(&mut self, bars_held: usize) {
        self.next_asked = self.exits.iter().flatten().filter_map(|exit| exit.next_asked(bars_held)).min();
    }

    /// How far away the nearest stop of all of the position is.
    fn stop_distance(&self, side: Side, price: f64) -> Option<f64> {
        let stops = self.guards.iter().filter(|guard| guard.kind == GuardKind::Stop && guard.portion >= 1.0);
        stops.map(|stop| side.sign() * (price - stop.price)).reduce(f64::min)
    }
}

impl Simulator<'_> {
    /// Asks the exits of an open position, moves its stops and targets, and gives the name of an exit
    /// that wishes to leave, and with how much.
    fn ask_exits(
        &mut self,
        broker: &mut Broker<'_>,
        instrument: usize,
        bar: usize,
        position: &OpenPosition,
    ) -> Option<(ExitReason, f64)> {
        let held = &mut self.held[instrument];
        if held.next_asked.is_none_or(|bars| position.bars_held < bars) {
            return None;
        }
        held.guards.clear();
        let mut wish: Option<(usize, f64)> = None;
        for index in 0..held.exits.len() {
            let Some(exit) = &mut held.exits[index] else { continue };
            self.readers[instrument].exits[index].read(&mut self.inputs, bar, position);
            let protection = exit.bar_closed(position, &self.inputs);
            held.take(index, protection);
            // What leaves with all goes before what leaves with a part.
            if protection.close && wish.is_none_or(|(_, portion)| portion < 1.0 && protection.portion >= 1.0) {
                wish = Some((index, protection.portion));
            }
        }
        if let Some((index, _)) = wish.filter(|(_, portion)| *portion < 1.0) {
            held.exits[index] = None;
        }
        held.plan(position.bars_held);
        broker.protect(instrument, &held.guards);
        wish.map(|(index, portion)| (ExitReason::Exit(self.exits[index].0.spec.name.into()), portion))
    }

    /// Which sides' rules say enter and leave at the close of a bar.
    #[inline]
    fn signals(&self, instrument: usize, bar: usize) -> (Option<Side>, [bool; 2]) {
        let market = self.markets[instrument];
        let holds = |signals: &Option<SideSignals<'_>>| match signals {
            Some(SideSignals { enter, exit, .. }) => (enter[bar], exit.is_some_and(|exit| exit[bar])),
            None => (false, false),
        };
        let ((long, leave_long), (short, leave_short)) = (holds(&market.long), holds(&market.short));
        let conflict = (long && leave_long, short && leave_short);
        let enter = match (long && !leave_long, short && !leave_short) {
            (true, false) => Some(Side::Long),
            (false, true) => Some(Side::Short),
            _ => None,
        };
        match self.matching {
            // Where both hold, it heeds neither.
            Matching::VectorBt => (enter, [leave_long && !conflict.0, leave_short && !conflict.1]),
            Matching::Standard | Matching::BacktestingPy | Matching::Pine => (enter, [leave_long, leave_short]),
        }
    }

    fn submit_entry(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize, side: Side) {
        let market = self.markets[instrument];
        let signals = if side == Side::Long { market.long } else { market.short };
        let Some(SideSignals { order, .. }) = signals else { return };
        match order.trigger(bar, side, market.feed.bars.field(Field::Close)[bar]) {
            Some(trigger) => {
                // The prices of a new signal take the place of the old one's.
                broker.cancel_entries(instrument, |_| true);
                let (action, until) = (Action::Enter(side, trigger), order.good_for.until(market.feed.bars, bar));
                broker.submit(instrument, Order { action, until, group: None, tag: bar });
            }
            None => {
                let name = &market.feed.instrument;
                broker.refuse(format!("{name}: {} entry not made: the price of its order was not known", side.name()));
            }
        }
    }
}

impl Settle for Simulator<'_> {
    fn terms(&mut self, order: &Order, quote: &Quote) -> Result<Terms, Refusal> {
        let Quote { instrument, side, price, equity, base, unit_price } = *quote;
        let (readers, bar) = (&mut self.readers[instrument], order.tag);
        let position =
            OpenPosition { side, entry_price: price, bars_held: 0, highest: price, lowest: price, close: price };
        let mut held = Held::default();
        for (index, (node, arguments)) in self.exits.iter().enumerate() {
            let mut exit = (node.exit)(arguments).map_err(|_| "one of its exits could not be made")?;
            readers.exits[index].read(&mut self.inputs, bar, &position);
            held.take(index, exit.opened(&position, &self.inputs)?);
            held.exits.push(Some(exit));
        }
        held.plan(0);
        let stop_distance = held.stop_distance(side, price);
        readers.size.read(&mut self.inputs, bar, &position);
        let context = SizingContext { side, price: unit_price, equity, base, stop_distance };
        let size = Size::Units(self.sizer.units(&context, &self.inputs)?);
        let guards = held.guards.clone();
        self.held[instrument] = held;
        Ok(Terms { size, guards })
    }

    fn guard_filled(&mut self, instrument: usize, guard: Guard) {
        let held = &mut self.held[instrument];
        held.touched = true;
        if guard.portion < 1.0 {
            held.exits[guard.exit] = None;
            held.guards.retain(|other| other.exit != guard.exit);
        }
    }
}

impl Trader for Simulator<'_> {
    fn next_bar(&self, broker: &Broker<'_>, instrument: usize, from: usize) -> Option<usize> {
        let Market { long, short, .. } = self.markets[instrument];
        let enter = |signals: &Option<SideSignals<'_>>| signals.and_then(|signals| next_true(signals.enter, from));
        let Some(lot) = broker.lots(instrument).first() else {
            return enter(long).into_iter().chain(enter(short)).min();
        };
        let (own, other) = if lot.side == Side::Long { (long, short) } else { (short, long) };
        let leave = own.and_then(|signals| signals.exit).and_then(|exit| next_true(exit, from));
        let asked = self.held[instrument].next_asked.map(|bars| lot.bar_held_for(bars).max(from));
        leave.into_iter().chain(enter(other)).chain(asked).min()
    }

    fn bar_closed(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize) {
        // Where a stop or a target filled on the bar, vectorbt does not look at its signals.
        if mem::take(&mut self.held[instrument].touched) && self.matching == Matching::VectorBt {
            return;
        }
        let (mut enter, [leave_long, leave_short]) = self.signals(instrument, bar);
        if let Some(position) = broker.position(instrument, bar) {
            let wish = self.ask_exits(broker, instrument, bar, &position);
            let leave = if position.side == Side::Long { leave_long } else { leave_short };
            enter = enter.filter(|side| *side != position.side);
            let (reason, portion) = match (leave, wish, enter) {
                (true, ..) => (ExitReason::Signal, 1.0),
                (false, Some(wish), _) => wish,
                (false, None, Some(_)) => (ExitReason::Reversal, 1.0),
                (false, None, None) => return,
            };
            let action = Action::Close(reason, portion);
            broker.submit(instrument, Order { action, until: usize::MAX, group: None, tag: bar });
        } else if broker.has_orders(instrument) {
            broker.cancel_entries(instrument, |side| if side == Side::Long { leave_long } else { leave_short });
        }
        if let Some(side) = enter {
            self.submit_entry(broker, instrument, bar, side);
        }
    }
}

/// The first truth at or after a place.
fn next_true(values: &[bool], from: usize) -> Option<usize> {
    /// Values looked at together, so that the machine takes them at once.
    const VALUES: usize = 64;
    let rest = values.get(from..)?;
    let start = rest.chunks(VALUES).position(|chunk| chunk.iter().fold(false, |any, value| any | value))? * VALUES;
    rest[start..].iter().position(|value| *value).map(|place| from + start + place)
}

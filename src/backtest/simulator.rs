//! The simulator: signals, exits and a sizer make the orders.

use std::mem;
use std::sync::Arc;

use crate::backtest::actions::split_guards;
use crate::backtest::broker::{Broker, Settle};
use crate::backtest::cursor::Cursor;
use crate::backtest::engine::{Trader, run};
use crate::backtest::feed::by_name;
use crate::backtest::held::{Added, Held, Readers, Wish, stop_distance};
use crate::backtest::order::{Action, Guard, Meets, Order, Quote, Size, Terms};
use crate::backtest::{Backtest, EntryOrder, ExitReason, Feed, Policies, RuleInput};
use crate::data::Field;
use crate::error::{Diagnostic, Result};
use crate::expr::{Arguments, Call};
use crate::node::{
    ExitNode, OpenPosition, PastTrades, Refusal, Registry, Side, Sizer, SizerNode, SizingContext, inputs,
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
        Self { registry, exits: &strategy.exits, size: &strategy.size, policies: Policies::of(strategy) }
    }
}

/// Simulates a strategy's rules on its instruments, with one account.
///
/// Rules are read at each close. One position an instrument, of one lot an entry: `enter` while in a
/// position of the same side adds to it as often as the side says, else does nothing. `enter` of the other side
/// closes and opens the other way: at once, or when its order fills where it waits for a price. Where `enter`
/// and `exit` of a side hold on one bar, `exit` wins and that side is not entered; where both sides
/// would enter, neither does. A bar's order acts at the instrument's next bar, so the last instant of
/// the timeline makes none; what is open then is closed at the last close. Linear in the bars.
///
/// One entry order an instrument waits: a new signal's takes its place, and its side's `exit` cancels it.
/// One that adds is forgotten when the position ends. What is added has the position's stops and
/// targets as they stand; at that bar's close the exits are asked anew, for the mean entry price. The
/// parts that an exit leaves with are shares of what each lot was entered with, rounded down to the
/// account's lot.
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
    let coming = markets.iter().map(|market| [&market.long, &market.short].map(Coming::new)).collect();
    let (matching, past, values) = (setup.policies.matching, PastTrades::default(), Vec::new());
    let mut simulator = Simulator { matching, markets, readers, exits, sizer, held, coming, past, values };
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

/// Where the rules of one side next hold.
struct Coming<'a> {
    enter: Option<Cursor<'a, bool>>,
    exit: Option<Cursor<'a, bool>>,
}

impl<'a> Coming<'a> {
    fn new(signals: &Option<SideSignals<'a>>) -> Self {
        let enter = signals.map(|signals| Cursor::new(signals.enter));
        Self { enter, exit: signals.and_then(|signals| signals.exit).map(Cursor::new) }
    }

    fn enter(&mut self, from: usize) -> Option<usize> {
        self.enter.as_mut()?.next(from)
    }

    fn exit(&mut self, from: usize) -> Option<usize> {
        self.exit.as_mut()?.next(from)
    }
}

struct Simulator<'a> {
    matching: Matching,
    markets: Vec<&'a Market<'a>>,
    readers: Vec<Readers<'a>>,
    exits: Vec<(&'a ExitNode, &'a Arguments)>,
    sizer: Box<dyn Sizer>,
    held: Vec<Held>,
    /// Where each instrument's rules next hold, the long side's and the short side's.
    coming: Vec<[Coming<'a>; 2]>,
    /// What the trades so far came to.
    past: PastTrades,
    /// Room for one node's inputs.
    values: Vec<f64>,
}

impl<'a> Simulator<'a> {
    /// The rules of one side of an instrument.
    fn side(&self, instrument: usize, side: Side) -> Option<SideSignals<'a>> {
        let market = self.markets[instrument];
        if side == Side::Long { market.long } else { market.short }
    }

    /// Which sides' rules say enter and leave at the close of a bar.
    #[inline]
    fn signals(&self, instrument: usize, bar: usize) -> (Option<Side>, impl Fn(Side) -> bool + use<'a>) {
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
        // Where both hold, vectorbt heeds neither.
        let heeds_none = |conflict: bool| self.matching == Matching::VectorBt && conflict;
        let (leave_long, leave_short) = (leave_long && !heeds_none(conflict.0), leave_short && !heeds_none(conflict.1));
        (enter, move |side| if side == Side::Long { leave_long } else { leave_short })
    }

    /// Whether more may be added to the open position.
    fn may_add(&self, instrument: usize, side: Side) -> bool {
        self.side(instrument, side).is_some_and(|rules| self.held[instrument].additions < rules.order.add)
    }

    /// Asks the exits of an open position where one is due, and moves its stops and targets.
    fn ask_exits(
        &mut self,
        broker: &mut Broker<'_>,
        instrument: usize,
        bar: usize,
        position: &OpenPosition,
    ) -> Vec<Wish> {
        let held = &mut self.held[instrument];
        if !held.is_due(&self.readers[instrument].exits, bar, position.bars_held) {
            return Vec::new();
        }
        let wishes = held.ask(&mut self.readers[instrument].exits, &mut self.values, bar, position);
        broker.protect(instrument, &held.guards);
        wishes
    }

    fn exit_reason(&self, wish: &Wish) -> ExitReason {
        ExitReason::Exit(self.exits[wish.exit].0.spec.name.into())
    }

    fn submit_entry(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize, side: Side, meets: Meets) {
        let market = self.markets[instrument];
        let Some(SideSignals { order, .. }) = self.side(instrument, side) else { return };
        match order.trigger(bar, side, market.feed.bars.field(Field::Close)[bar]) {
            Some(trigger) => {
                // The prices of a new signal take the place of the old one's.
                broker.cancel_entries(instrument, |_| true);
                let (action, until) = (Action::Enter(side, trigger), order.good_for.until(market.feed.bars, bar));
                broker
                    .submit(instrument, Order { action, until, group: None, rest: None, meets, tag: bar, splits: 1.0 });
            }
            None => {
                let what = format!("{} entry not made: the price of its order was not known", side.name());
                broker.refuse(Some(instrument), what);
            }
        }
    }

    /// The sizer's first input for every instrument, as known at the close of a bar of one of them.
    fn peers(&mut self, instrument: usize, bar: usize) -> Vec<f64> {
        let now = self.markets[instrument].feed.bars.close_instants()[bar];
        let value = |market: &&Market<'_>| {
            let Feed { bars, start, end, .. } = &market.feed;
            let closed = bars.close_instants()[*start..*end].partition_point(|close| *close <= now);
            match (closed.checked_sub(1), market.size_inputs.first()) {
                (Some(last), Some(RuleInput::Column(column))) => column[start + last],
                _ => f64::NAN,
            }
        };
        self.markets.iter().map(value).collect()
    }

    /// Fresh exits for a position, with what they read at the bar of its signal.
    fn opened(&mut self, instrument: usize, signal: usize, position: &OpenPosition) -> Result<Held, Refusal> {
        let mut held = Held::default();
        for (index, (node, arguments)) in self.exits.iter().enumerate() {
            let mut exit = (node.exit)(arguments).map_err(|_| "one of its exits could not be made")?;
            self.readers[instrument].exits[index].read(&mut self.values, signal, position);
            held.take(index, exit.opened(position, &self.values)?);
            held.exits.push(Some(exit));
        }
        held.plan(&self.readers[instrument].exits, 0);
        Ok(held)
    }

    /// How many units an order trades.
    fn units(
        &mut self,
        order: &Order,
        quote: &Quote<'_>,
        position: &OpenPosition,
        stop_distance: Option<f64>,
    ) -> Result<f64, Refusal> {
        let Quote { instrument, side, unit_price, equity, base, trades, .. } = *quote;
        trades[self.past.count..].iter().for_each(|trade| self.past.take(trade.profit_fraction));
        let peers = if self.sizer.looks_across() { self.peers(instrument, order.tag) } else { Vec::new() };
        self.readers[instrument].size.read(&mut self.values, order.tag, position);
        let (instruments, past) = (self.markets.len(), self.past);
        let price = unit_price;
        let context = SizingContext { side, price, equity, base, stop_distance, instruments, past, peers: &peers };
        self.sizer.units(&context, &self.values)
    }
}

impl Settle for Simulator<'_> {
    fn terms(&mut self, order: &Order, quote: &Quote<'_>) -> Result<Terms, Refusal> {
        // What the signal's bar says of prices is said of its shares: the terms are settled in those.
        let (instrument, side, splits) = (quote.instrument, quote.side, order.splits);
        let quote = Quote { price: quote.price * splits, unit_price: quote.unit_price * splits, ..*quote };
        let price = quote.price;
        let position =
            OpenPosition { side, entry_price: price, bars_held: 0, highest: price, lowest: price, close: price };
        let (guards, opened) = match order.meets {
            Meets::Adds => {
                let mut guards = self.held[instrument].guards.clone();
                split_guards(&mut guards, 1.0 / splits);
                (guards, None)
            }
            Meets::Nets | Meets::Reverses => {
                let held = self.opened(instrument, order.tag, &position)?;
                (held.guards.clone(), Some(held))
            }
        };
        let stop_distance = stop_distance(&guards, side, price);
        let size = Size::Units(self.units(order, &quote, &position, stop_distance)?);
        if let Some(held) = opened {
            self.held[instrument] = held;
            self.held[instrument].split(splits);
        }
        let mut terms = Terms { size, guards };
        terms.split(splits);
        Ok(terms)
    }

    fn entered(&mut self, instrument: usize, order: &Order) {
        if order.meets == Meets::Adds {
            let held = &mut self.held[instrument];
            held.additions += 1;
            held.added = Some(Added { signal: order.tag, splits: order.splits });
        }
    }

    fn guard_filled(&mut self, instrument: usize, guard: Guard) {
        let held = &mut self.held[instrument];
        held.touched = true;
        if guard.portion < 1.0 {
            held.is_done(guard.exit);
        }
    }
}

impl Trader for Simulator<'_> {
    fn next_bar(&mut self, broker: &Broker<'_>, instrument: usize, from: usize) -> Option<usize> {
        let Some(lot) = broker.lots(instrument).first() else {
            let [long, short] = &mut self.coming[instrument];
            return long.enter(from).into_iter().chain(short.enter(from)).min();
        };
        let may_add = self.may_add(instrument, lot.side);
        let held = &self.held[instrument];
        if held.added.is_some() {
            return Some(from);
        }
        let asked = held.next_asked.map(|bars| lot.bar_held_for(bars).max(from));
        let condition = held.next_condition(&mut self.readers[instrument].exits, from);
        let [long, short] = &mut self.coming[instrument];
        let (own, other) = if lot.side == Side::Long { (long, short) } else { (short, long) };
        let add = if may_add { own.enter(from) } else { None };
        own.exit(from).into_iter().chain(add).chain(other.enter(from)).chain(asked).chain(condition).min()
    }

    fn split(&mut self, instrument: usize, factor: f64) {
        self.held[instrument].split(factor);
    }

    fn bar_closed(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize) {
        // Where a stop or a target filled on the bar, vectorbt does not look at its signals.
        if mem::take(&mut self.held[instrument].touched) && self.matching == Matching::VectorBt {
            return;
        }
        let (enter, leaves) = self.signals(instrument, bar);
        if broker.has_orders(instrument) {
            broker.cancel_entries(instrument, &leaves);
        }
        let Some(position) = broker.position(instrument, bar) else {
            if let Some(side) = enter {
                self.submit_entry(broker, instrument, bar, side, Meets::Reverses);
            }
            return;
        };
        let wishes = self.ask_exits(broker, instrument, bar, &position);
        let turns = enter.filter(|side| *side != position.side);
        // An order that waits for its price turns the position when it fills.
        let turns_now = turns.and_then(|side| self.side(instrument, side)).is_some_and(|to| to.order.price.is_none());
        let whole = match (leaves(position.side), wishes.iter().find(|wish| wish.portion >= 1.0)) {
            (true, _) => Some(ExitReason::Signal),
            (false, Some(wish)) => Some(self.exit_reason(wish)),
            (false, None) => turns_now.then_some(ExitReason::Reversal),
        };
        let stays = whole.is_none();
        if let Some(reason) = whole {
            broker.submit(instrument, Order::close(reason, 1.0, bar));
        } else {
            for wish in &wishes {
                broker.submit(instrument, Order::close(self.exit_reason(wish), wish.portion, bar));
                self.held[instrument].is_done(wish.exit);
            }
        }
        match enter {
            Some(side) if side != position.side => {
                self.submit_entry(broker, instrument, bar, side, Meets::Reverses);
            }
            Some(side) if stays && self.may_add(instrument, side) => {
                self.submit_entry(broker, instrument, bar, side, Meets::Adds);
            }
            _ => {}
        }
    }
}

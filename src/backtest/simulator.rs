//! The simulator: signals, exits and a sizer make the orders.

use std::sync::Arc;

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::engine::{Trader, run};
use crate::backtest::order::{Action, Guard, Order, Quote, Terms, Trigger};
use crate::backtest::rule::Reader;
use crate::backtest::{Backtest, ExitReason, Feed, Policies, RuleInput};
use crate::error::{Diagnostic, Result};
use crate::expr::{Arguments, Call};
use crate::node::{
    Exit, ExitNode, OpenPosition, Protection, Refusal, Registry, Side, Sizer, SizerNode, SizingContext, inputs,
};
use crate::strategy::Strategy;

/// The rules of one side, a truth value for each of the feed's bars.
#[derive(Clone, Copy, Debug)]
pub struct SideSignals<'a> {
    /// When to enter.
    pub enter: &'a [bool],
    /// When to leave; never by rule where there is none.
    pub exit: Option<&'a [bool]>,
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
        let Strategy { costs, account, fill, intrabar, .. } = *strategy;
        let policies = Policies { costs, account, fill, intrabar };
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
    let feeds: Vec<&Feed<'_>> = markets.iter().map(|market| &market.feed).collect();
    let names = setup.exits.iter().map(|call| call.node.clone()).collect();
    let held = markets.iter().map(|_| Vec::new()).collect();
    let readers = markets.iter().map(Readers::new).collect();
    let mut simulator = Simulator { markets, readers, exits, sizer, held, inputs: Vec::new() };
    run(setup.policies, &feeds, names, &mut simulator)
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
    markets: &'a [Market<'a>],
    readers: Vec<Readers<'a>>,
    exits: Vec<(&'a ExitNode, &'a Arguments)>,
    sizer: Box<dyn Sizer>,
    /// The exits of each instrument's open position.
    held: Vec<Vec<Box<dyn Exit>>>,
    /// Room for one node's inputs.
    inputs: Vec<f64>,
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

/// The nearest stop and target of several exits.
struct Nearest {
    side: Side,
    stop: Option<Guard>,
    target: Option<Guard>,
}

impl Nearest {
    fn take(&mut self, exit: usize, protection: Protection) {
        let sign = self.side.sign();
        let nearer = |guard: Option<Guard>, price: Option<f64>, sign: f64| match (guard, price) {
            (Some(guard), Some(price)) if sign * guard.price >= sign * price => Some(guard),
            (guard, price) => price.map(|price| Guard { price, exit }).or(guard),
        };
        self.stop = nearer(self.stop, protection.stop, sign);
        self.target = nearer(self.target, protection.target, -sign);
    }
}

impl Simulator<'_> {
    /// Asks the exits of an open position, moves its stop and target, and gives the name of an exit
    /// that wishes to leave.
    #[inline]
    fn ask_exits(
        &mut self,
        broker: &mut Broker<'_>,
        instrument: usize,
        bar: usize,
        position: &OpenPosition,
    ) -> Option<ExitReason> {
        if self.exits.is_empty() {
            return None;
        }
        let mut nearest = Nearest { side: position.side, stop: None, target: None };
        let mut wish = None;
        for (index, exit) in self.held[instrument].iter_mut().enumerate() {
            self.readers[instrument].exits[index].read(&mut self.inputs, bar, position);
            let protection = exit.bar_closed(position, &self.inputs);
            nearest.take(index, protection);
            if protection.close && wish.is_none() {
                wish = Some(index);
            }
        }
        broker.protect(instrument, nearest.stop, nearest.target);
        wish.map(|index| ExitReason::Exit(self.exits[index].0.spec.name.into()))
    }
}

impl Settle for Simulator<'_> {
    fn terms(&mut self, order: &Order, quote: &Quote) -> Result<Terms, Refusal> {
        let (readers, bar) = (&mut self.readers[order.instrument], order.tag);
        let Quote { side, price, equity } = *quote;
        let position =
            OpenPosition { side, entry_price: price, bars_held: 0, highest: price, lowest: price, close: price };
        let mut nearest = Nearest { side, stop: None, target: None };
        let mut held = Vec::with_capacity(self.exits.len());
        for (index, (node, arguments)) in self.exits.iter().enumerate() {
            let mut exit = (node.exit)(arguments).map_err(|_| "one of its exits could not be made")?;
            readers.exits[index].read(&mut self.inputs, bar, &position);
            nearest.take(index, exit.opened(&position, &self.inputs)?);
            held.push(exit);
        }
        let stop_distance = nearest.stop.map(|stop| side.sign() * (price - stop.price));
        readers.size.read(&mut self.inputs, bar, &position);
        let units = self.sizer.units(&SizingContext { side, price, equity, stop_distance }, &self.inputs)?;
        self.held[order.instrument] = held;
        Ok(Terms { units, stop: nearest.stop, target: nearest.target })
    }
}

impl Trader for Simulator<'_> {
    #[inline]
    fn bar_closed(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize) {
        let market = &self.markets[instrument];
        let holds = |signals: Option<SideSignals<'_>>| match signals {
            Some(SideSignals { enter, exit }) => (enter[bar], exit.is_some_and(|exit| exit[bar])),
            None => (false, false),
        };
        let ((long, leave_long), (short, leave_short)) = (holds(market.long), holds(market.short));
        let mut enter = match (long && !leave_long, short && !leave_short) {
            (true, false) => Some(Side::Long),
            (false, true) => Some(Side::Short),
            _ => None,
        };
        if let Some(position) = broker.position(instrument) {
            let wish = self.ask_exits(broker, instrument, bar, &position);
            let leave = if position.side == Side::Long { leave_long } else { leave_short };
            enter = enter.filter(|side| *side != position.side);
            let reason = match (leave, wish, enter) {
                (true, ..) => Some(ExitReason::Signal),
                (false, Some(exit), _) => Some(exit),
                (false, None, Some(_)) => Some(ExitReason::Reversal),
                (false, None, None) => None,
            };
            match reason {
                Some(reason) => broker.submit(Order { instrument, action: Action::Close(reason), tag: bar }),
                None => return,
            }
        }
        if let Some(side) = enter {
            broker.submit(Order { instrument, action: Action::Enter(side, Trigger::Market), tag: bar });
        }
    }
}

//! Replay: explicit orders instead of rules, for tests against other engines and for embedders.

use std::cmp::Reverse;

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::engine::{Trader, run};
use crate::backtest::feed::by_name;
use crate::backtest::order::{Action, Guard, GuardKind, Meets, Order, Quote, Size, Terms};
use crate::backtest::{Backtest, ExitReason, Feed, Policies, Trigger};
use crate::error::{Diagnostic, Result};
use crate::node::{Refusal, Side};
use crate::strategy::GoodFor;

/// An order made at the close of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// What to trade: an index into the feeds.
    pub instrument: usize,
    /// The instrument's own bar at whose close it is made.
    pub bar: usize,
    /// What to do.
    pub action: RequestAction,
}

/// What a [`Request`] does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RequestAction {
    /// Opens a lot.
    Enter(Entry),
    /// Closes this share of what every lot of the instrument was entered with, at market: 1 for all.
    Close(f64),
    /// Cancels every order of the instrument that waits.
    Cancel,
}

/// An order to open a lot with a stop and a target of its own. Lots that face the other way are
/// closed first, oldest first; what is left over is opened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Which way.
    pub side: Side,
    /// How much; positive.
    pub size: Size,
    /// When it fills.
    pub trigger: Trigger,
    /// How long it waits.
    pub good_for: GoodFor,
    /// Where one order of a group fills, the instrument's others of the same group are cancelled.
    pub group: Option<usize>,
    /// Leave at this price or worse.
    pub stop: Option<f64>,
    /// Leave at this price or better.
    pub target: Option<f64>,
}

impl Entry {
    /// A market order without a stop or a target.
    pub fn market(side: Side, units: f64) -> Self {
        let (trigger, good_for) = (Trigger::Market, GoodFor::Ever);
        Self { side, size: Size::Units(units), trigger, good_for, group: None, stop: None, target: None }
    }
}

const EXITS: [&str; 2] = ["stop_loss", "take_profit"];

/// Executes explicit orders. Orders that wait for a price wait until they fill or the data end.
///
/// ```
/// use timeweave::backtest::{Entry, Feed, Policies, Request, RequestAction, replay};
/// use timeweave::data::Bars;
/// use timeweave::node::Side;
/// use timeweave::time::{Calendar, Timeframe, Timestamp};
///
/// let price = [10.0, 11.0, 12.0].to_vec();
/// let days = (0..3).map(|day| day * Timestamp::DAY).collect();
/// let fields = [price.clone(), price.clone(), price.clone(), price, vec![0.0; 3]];
/// let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, days, fields)?;
/// let feed = Feed::new("crypto/BTC".parse()?, &bars);
/// let buy = RequestAction::Enter(Entry::market(Side::Long, 5.0));
/// let backtest = replay(Policies::default(), &[feed], &[Request { instrument: 0, bar: 0, action: buy }])?;
/// assert_eq!(backtest.trades[0].entry_price, 11.0); // The next open.
/// assert_eq!(backtest.trades[0].profit, 5.0);
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
///
/// # Errors
/// Where an order's instrument does not exist, its size is not above zero or a price is not a
/// number, or a bar's prices cannot be traded at.
pub fn replay(policies: Policies, feeds: &[Feed<'_>], requests: &[Request]) -> Result<Backtest> {
    for (index, request) in requests.iter().enumerate() {
        check(index, request, feeds.len())?;
    }
    let order = by_name(feeds.iter().map(|feed| &feed.instrument));
    let queue = |instrument: &usize| {
        let mut queue: Vec<usize> =
            (0..requests.len()).filter(|index| requests[*index].instrument == *instrument).collect();
        // Reversed, so that the next order is the last.
        queue.sort_by_key(|index| Reverse((requests[*index].bar, *index)));
        queue
    };
    let queues = order.iter().map(queue).collect();
    let feeds: Vec<&Feed<'_>> = order.iter().map(|instrument| &feeds[*instrument]).collect();
    let mut replay = Replay { requests, feeds: &feeds, queues };
    run(policies, &feeds, EXITS.map(String::from).to_vec(), &mut replay).map(|backtest| backtest.reordered(&order))
}

fn check(index: usize, request: &Request, instruments: usize) -> Result<()> {
    if request.instrument >= instruments {
        let message = format!("order {index} trades instrument {}: there are {instruments}", request.instrument);
        return Err(Diagnostic::new(message));
    }
    let (positive, prices) = match request.action {
        RequestAction::Enter(entry) => {
            let (Size::Units(size) | Size::FreeMargin(size)) = entry.size;
            (size, entry.trigger.prices().chain(entry.stop).chain(entry.target).collect())
        }
        RequestAction::Close(portion) => (portion, Vec::new()),
        RequestAction::Cancel => return Ok(()),
    };
    if !(positive > 0.0 && positive.is_finite()) || prices.iter().any(|price: &f64| !price.is_finite()) {
        return Err(Diagnostic::new(format!("order {index} cannot be executed: {request:?}"))
            .hint("sizes must be above zero, and every price a finite number"));
    }
    Ok(())
}

struct Replay<'a> {
    requests: &'a [Request],
    feeds: &'a [&'a Feed<'a>],
    /// The orders of each instrument that are still to be made, the next one last.
    queues: Vec<Vec<usize>>,
}

impl Settle for Replay<'_> {
    fn terms(&mut self, order: &Order, _: &Quote<'_>) -> Result<Terms, Refusal> {
        let guard = |kind, price: Option<f64>, exit| price.map(|price| Guard { kind, price, exit, portion: 1.0 });
        match self.requests[order.tag].action {
            RequestAction::Enter(Entry { size, stop, target, .. }) => {
                let guards = [guard(GuardKind::Stop, stop, 0), guard(GuardKind::Target, target, 1)];
                let mut terms = Terms { size, guards: guards.into_iter().flatten().collect() };
                terms.split(order.splits);
                Ok(terms)
            }
            RequestAction::Close(_) | RequestAction::Cancel => Ok(Terms::default()),
        }
    }
}

impl Trader for Replay<'_> {
    fn next_bar(&mut self, _: &Broker<'_>, instrument: usize, from: usize) -> Option<usize> {
        self.queues[instrument].last().map(|index| self.requests[*index].bar.max(from))
    }

    fn bar_closed(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize) {
        let queue = &mut self.queues[instrument];
        while let Some(&tag) = queue.last().filter(|index| self.requests[**index].bar <= bar) {
            queue.pop();
            let request = self.requests[tag];
            if request.bar != bar {
                continue;
            }
            let bars = self.feeds[instrument].bars;
            match request.action {
                RequestAction::Enter(Entry { side, trigger, good_for, group, .. }) => {
                    let action = Action::Enter(side, trigger);
                    let (until, meets) = (good_for.until(bars, bar), Meets::Nets);
                    broker.submit(instrument, Order { action, until, group, rest: None, meets, tag, splits: 1.0 });
                }
                RequestAction::Close(portion) => {
                    broker.submit(instrument, Order::close(ExitReason::Signal, portion, tag));
                }
                RequestAction::Cancel => broker.cancel(instrument),
            }
        }
    }
}

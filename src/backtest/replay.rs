//! Replay: explicit orders instead of rules, for tests against other engines and for embedders.

use std::cmp::Reverse;

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::engine::{Trader, run};
use crate::backtest::order::{Action, Guard, Order, Quote, Terms};
use crate::backtest::{Backtest, ExitReason, Feed, Policies, Trigger};
use crate::error::{Diagnostic, Result};
use crate::node::{Refusal, Side};

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
    /// Opens a lot with a stop and a target of its own. Lots that face the other way are closed
    /// first, oldest first; what is left over is opened.
    Enter {
        /// Which way.
        side: Side,
        /// How many units; positive.
        units: f64,
        /// When it fills.
        trigger: Trigger,
        /// Leave at this price or worse.
        stop: Option<f64>,
        /// Leave at this price or better.
        target: Option<f64>,
    },
    /// Closes every lot of the instrument at market.
    Close,
}

const EXITS: [&str; 2] = ["stop_loss", "take_profit"];

/// Executes explicit orders. Orders that wait for a price wait until they fill or the data end.
///
/// ```
/// use timeweave::backtest::{Feed, Policies, Request, RequestAction, Trigger, replay};
/// use timeweave::data::Bars;
/// use timeweave::node::Side;
/// use timeweave::time::{Calendar, Timeframe, Timestamp};
///
/// let price = [10.0, 11.0, 12.0].to_vec();
/// let days = (0..3).map(|day| day * Timestamp::DAY).collect();
/// let fields = [price.clone(), price.clone(), price.clone(), price, vec![0.0; 3]];
/// let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, days, fields)?;
/// let feed = Feed { instrument: "crypto/BTC".parse()?, bars: &bars, start: 0, end: bars.len() };
///
/// let (side, trigger) = (Side::Long, Trigger::Market);
/// let buy = RequestAction::Enter { side, units: 5.0, trigger, stop: None, target: None };
/// let backtest = replay(Policies::default(), &[feed], &[Request { instrument: 0, bar: 0, action: buy }])?;
/// assert_eq!(backtest.trades[0].entry_price, 11.0); // The next open.
/// assert_eq!(backtest.trades[0].profit, 5.0);
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
///
/// # Errors
/// Where an order's instrument does not exist, its units are not above zero or a price is not a
/// number, or a bar's prices cannot be traded at.
pub fn replay(policies: Policies, feeds: &[Feed<'_>], requests: &[Request]) -> Result<Backtest> {
    let mut queues = vec![Vec::new(); feeds.len()];
    for (index, request) in requests.iter().enumerate() {
        let Some(queue) = queues.get_mut(request.instrument) else {
            let message = format!("order {index} trades instrument {}: there are {}", request.instrument, feeds.len());
            return Err(Diagnostic::new(message));
        };
        if let RequestAction::Enter { units, trigger, stop, target, .. } = request.action {
            let trigger = match trigger {
                Trigger::Market => None,
                Trigger::Limit(price) | Trigger::Stop(price) => Some(price),
            };
            let prices = [trigger, stop, target].into_iter().flatten();
            if !(units > 0.0 && units.is_finite()) || prices.into_iter().any(|price| !price.is_finite()) {
                return Err(Diagnostic::new(format!("order {index} cannot be executed: {request:?}"))
                    .hint("units must be above zero, and every price a finite number"));
            }
        }
        queue.push(index);
    }
    // Reversed, so that the next order is the last.
    for queue in &mut queues {
        queue.sort_by_key(|index| Reverse((requests[*index].bar, *index)));
    }
    let feeds: Vec<&Feed<'_>> = feeds.iter().collect();
    run(policies, &feeds, EXITS.map(String::from).to_vec(), &mut Replay { requests, queues })
}

struct Replay<'a> {
    requests: &'a [Request],
    queues: Vec<Vec<usize>>,
}

impl Settle for Replay<'_> {
    fn terms(&mut self, order: &Order, _: &Quote) -> Result<Terms, Refusal> {
        let guard = |price: Option<f64>, exit| price.map(|price| Guard { price, exit });
        match self.requests[order.tag].action {
            RequestAction::Enter { units, stop, target, .. } => {
                Ok(Terms { units, stop: guard(stop, 0), target: guard(target, 1) })
            }
            RequestAction::Close => Ok(Terms::default()),
        }
    }
}

impl Trader for Replay<'_> {
    fn bar_closed(&mut self, broker: &mut Broker<'_>, instrument: usize, bar: usize) {
        let queue = &mut self.queues[instrument];
        while let Some(&tag) = queue.last().filter(|index| self.requests[**index].bar <= bar) {
            queue.pop();
            let request = self.requests[tag];
            let action = match request.action {
                RequestAction::Enter { side, trigger, .. } => Action::Enter(side, trigger),
                RequestAction::Close => Action::Close(ExitReason::Signal),
            };
            if request.bar == bar {
                broker.submit(Order { instrument, action, tag });
            }
        }
    }
}

//! Orders that wait: made, taken, changed and forgotten.

use crate::backtest::broker::Broker;
use crate::backtest::feed::Bar;
use crate::backtest::order::{Action, Order, Trigger};
use crate::node::Side;
use crate::strategy::Matching;

/// An order that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// Its place in the order of all orders and lots.
    pub number: usize,
    pub order: Order,
    /// What things were worth when it was made, where it is sized with that.
    pub made_with: Option<Worth>,
}

/// What the account and a unit of an instrument were worth at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth {
    pub equity: f64,
    pub price: f64,
}

impl Broker<'_> {
    /// Accepts an order; it acts from the instrument's next bar, or at this close.
    pub fn submit(&mut self, instrument: usize, mut order: Order) {
        if let Action::Enter(side, trigger) = &mut order.action {
            *trigger = self.trigger_on_tick(*side, *trigger);
        }
        let sized_now = self.policies.matching == Matching::Pine;
        let made_with = sized_now.then(|| Worth { equity: self.equity(), price: self.price(instrument) });
        let number = self.next_number();
        self.orders[instrument].push(Waiting { number, order, made_with });
    }

    /// A number for an order or a lot: those that came before have smaller ones.
    pub fn next_number(&mut self) -> usize {
        self.made += 1;
        self.made - 1
    }

    /// Forgets every order of an instrument.
    pub fn cancel(&mut self, instrument: usize) {
        self.orders[instrument].clear();
    }

    /// Forgets the orders of an instrument that wait to enter on a side.
    pub fn cancel_entries(&mut self, instrument: usize, cancelled: impl Fn(Side) -> bool) {
        let stays = |order: &Order| !matches!(order.action, Action::Enter(side, _) if cancelled(side));
        self.orders[instrument].retain(|waiting| stays(&waiting.order));
    }

    /// Whether orders of an instrument wait.
    #[inline]
    pub fn has_orders(&self, instrument: usize) -> bool {
        !self.orders[instrument].is_empty()
    }

    /// The numbers of the orders of several instruments that wait, with their instrument and its bar,
    /// the oldest first.
    pub fn numbers(&self, present: &[(usize, usize)]) -> Vec<(usize, usize, usize)> {
        let numbers = |&(instrument, bar): &(usize, usize)| {
            self.orders[instrument].iter().map(move |waiting| (waiting.number, instrument, bar))
        };
        let mut numbers: Vec<_> = present.iter().flat_map(numbers).collect();
        numbers.sort_unstable();
        numbers
    }

    /// An order that waits, by its number.
    pub fn order(&self, instrument: usize, number: usize) -> Option<&Order> {
        self.orders[instrument].iter().find(|waiting| waiting.number == number).map(|waiting| &waiting.order)
    }

    /// Takes an order that waits, and whatever its fill cancels.
    pub fn take(&mut self, instrument: usize, number: usize) -> Option<Waiting> {
        let orders = &mut self.orders[instrument];
        let place = orders.iter().position(|waiting| waiting.number == number)?;
        let taken = orders.remove(place);
        if taken.order.group.is_some() {
            orders.retain(|other| other.order.group != taken.order.group);
        }
        Some(taken)
    }

    /// Makes another order of one that waits.
    pub fn change(&mut self, instrument: usize, number: usize, action: Action) {
        if let Some(waiting) = self.orders[instrument].iter_mut().find(|waiting| waiting.number == number) {
            waiting.order.action = action;
        }
    }

    /// A bar has closed: orders that were good until then lapse, those that follow the price do so.
    pub fn age_orders(&mut self, instrument: usize, bar: usize) {
        let Bar { high, low, .. } = self.feeds[instrument].bar(bar);
        let orders = &mut self.orders[instrument];
        orders.retain(|waiting| waiting.order.until > bar);
        for waiting in orders {
            if let Action::Enter(side, Trigger::Trailing { distance, stop }) = &mut waiting.order.action {
                *stop = match side {
                    Side::Long => stop.min(low + *distance),
                    Side::Short => stop.max(high - *distance),
                };
            }
        }
    }
}

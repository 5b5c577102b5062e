//! The price of an order to enter: at what it waits, and how.

use crate::expr::Series;

/// At what price an order to enter fills: `limit(day.low[1])`. A series before anything is planned, a
/// step in a plan, a column in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderPrice<T = Series> {
    /// At this price or better.
    Limit(T),
    /// Once the price trades here, at this price or worse.
    Stop(T),
    /// Once the price trades at `stop`, at `limit` or better.
    StopLimit {
        /// What makes it a limit order.
        stop: T,
        /// The limit from then on.
        limit: T,
    },
    /// A stop that follows the price at this distance, in price units.
    Trailing(T),
}

impl<T> OrderPrice<T> {
    /// Its name in scripts: `limit`, `stop`, `stop_limit`, `trailing`.
    pub fn name(&self) -> &'static str {
        match self {
            OrderPrice::Limit(_) => "limit",
            OrderPrice::Stop(_) => "stop",
            OrderPrice::StopLimit { .. } => "stop_limit",
            OrderPrice::Trailing(_) => "trailing",
        }
    }

    /// What it is made of, in the order in which scripts give it.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        let (first, second) = match self {
            OrderPrice::Limit(value) | OrderPrice::Stop(value) | OrderPrice::Trailing(value) => (value, None),
            OrderPrice::StopLimit { stop, limit } => (stop, Some(limit)),
        };
        [first].into_iter().chain(second)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let (first, second) = match self {
            OrderPrice::Limit(value) | OrderPrice::Stop(value) | OrderPrice::Trailing(value) => (value, None),
            OrderPrice::StopLimit { stop, limit } => (stop, Some(limit)),
        };
        [first].into_iter().chain(second)
    }

    /// The same order made of what each value becomes.
    pub fn map<'a, U>(&'a self, mut each: impl FnMut(&'a T) -> U) -> OrderPrice<U> {
        match self {
            OrderPrice::Limit(value) => OrderPrice::Limit(each(value)),
            OrderPrice::Stop(value) => OrderPrice::Stop(each(value)),
            OrderPrice::StopLimit { stop, limit } => OrderPrice::StopLimit { stop: each(stop), limit: each(limit) },
            OrderPrice::Trailing(value) => OrderPrice::Trailing(each(value)),
        }
    }

    /// The same, where a value may fail.
    ///
    /// # Errors
    /// The first that is met.
    pub fn try_map<'a, U, E>(&'a self, mut each: impl FnMut(&'a T) -> Result<U, E>) -> Result<OrderPrice<U>, E> {
        Ok(match self {
            OrderPrice::Limit(value) => OrderPrice::Limit(each(value)?),
            OrderPrice::Stop(value) => OrderPrice::Stop(each(value)?),
            OrderPrice::StopLimit { stop, limit } => OrderPrice::StopLimit { stop: each(stop)?, limit: each(limit)? },
            OrderPrice::Trailing(value) => OrderPrice::Trailing(each(value)?),
        })
    }
}

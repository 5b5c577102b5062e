//! Functions that say at what price a rule's order fills.

use rhai::Dynamic;

use crate::error::{Diagnostic, Result};
use crate::expr::{OrderPrice, Series};
use crate::script::functions::{Call, Function};
use crate::script::value::Proportion;

/// The functions that make the price of an order.
pub static FUNCTIONS: [Function; 4] = [
    Function {
        name: "limit",
        signature: "limit(price)",
        doc: "an order's price: fills at this price or better, at: limit(day.low[1]). To buy it lies below the market; \
              above it, it fills at the next open",
        counts: 1..=1,
        call: |call| Ok(Dynamic::from(OrderPrice::Limit(value(call, 0)?))),
    },
    Function {
        name: "stop",
        signature: "stop(price)",
        doc: "an order's price: fills at market once the price trades here, at this price or worse: at: \
              stop(day.high). To buy it lies above the market; below it, it fills at the next open",
        counts: 1..=1,
        call: |call| Ok(Dynamic::from(OrderPrice::Stop(value(call, 0)?))),
    },
    Function {
        name: "stop_limit",
        signature: "stop_limit(stop, limit)",
        doc: "an order's price: once the price trades at `stop`, fills at `limit` or better",
        counts: 2..=2,
        call: |call| Ok(Dynamic::from(OrderPrice::StopLimit { stop: value(call, 0)?, limit: value(call, 1)? })),
    },
    Function {
        name: "trailing",
        signature: "trailing(distance)",
        doc: "an order's price: a stop that begins this far from the close, above it to buy, and follows the price \
              with each close that moves away, never back: trailing(atr(day, 14) * 2)",
        counts: 1..=1,
        call: |call| Ok(Dynamic::from(OrderPrice::Trailing(value(call, 0)?))),
    },
];

/// A price or a distance.
fn value(call: &Call, index: usize) -> Result<Series> {
    call.series(index).map_err(|error| match call.argument(index).is::<Proportion>() {
        true => {
            let hint = "it is in price units: day.close * 0.98 lies 2 % below the close, day.close * 0.02 is 2 % of it";
            Diagnostic::new(error.message()).hint(hint).at(call.site.place(index))
        }
        false => error,
    })
}

//! Orders with a price, beside the prices of the data: those that never fill, and those that do not wait.

use crate::data::Field;
use crate::error::{Diagnostic, Result};
use crate::expr::OrderPrice;
use crate::plan::{PlannedRules, StepId};
use crate::review::subject::Subject;
use crate::strategy::GoodFor;

/// From which share of the signals on an order that does not wait is named.
const MOST: f64 = 0.9;

/// What became of a side's orders on the data.
#[derive(Default)]
struct Counts {
    /// Signals on whose bar the price is known, and a bar follows.
    made: usize,
    /// Those that were past their price at the close that made them.
    past: usize,
    /// Those that were reached while they waited.
    reached: usize,
}

/// Looks whether a side's limit or stop is ever reached, and whether it waits at all.
pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let mut found = Vec::new();
    for (side, rules) in subject.sides() {
        let (price, is_limit) = match rules.order {
            Some(OrderPrice::Limit(price)) => (price, true),
            Some(OrderPrice::Stop(price)) => (price, false),
            _ => continue,
        };
        if subject.is_forecast(price) || subject.is_forecast(rules.enter) {
            continue;
        }
        let buys_below = (side == "long") == is_limit;
        let Counts { made, past, reached } = count(subject, &rules, price, buys_below)?;
        if made == 0 {
            continue;
        }
        let name = if is_limit { "limit" } else { "stop" };
        let origin = subject.origin(price);
        if past as f64 >= MOST * made as f64 {
            let (lies, other) = if buys_below { ("above", "below") } else { ("below", "above") };
            let message = format!(
                "the {name} of `{side}` lies {lies} the close on {past} of {made} signals, or at it: it does not wait, but \
                 fills at the next open"
            );
            let hint = format!(
                "a {name} that waits lies {other} the close; is a {} meant?",
                if is_limit { "stop" } else { "limit" }
            );
            found.push(Diagnostic::warning(message).hint(hint).at(origin));
        } else if reached == 0 {
            let message = format!("the {name} of `{side}` is never reached on the data: none of {made} signals enters");
            found.push(Diagnostic::warning(message).hint("let it lie nearer, or wait longer").at(origin));
        }
    }
    Ok(found)
}

/// Each signal's order by itself, as if nothing else cancelled it.
fn count(subject: &Subject<'_>, rules: &PlannedRules, price: StepId, buys_below: bool) -> Result<Counts> {
    let mut counts = Counts::default();
    for values in subject.instruments {
        let base = subject.plan.base;
        let bars = values.bars.at(base)?;
        let (enter, price) = (values.truths(rules.enter, base)?, values.numbers(price, base)?);
        let (low, high) = (bars.field(Field::Low), bars.field(Field::High));
        let close = bars.field(Field::Close);
        // The furthest that the price goes from each bar on, for orders that wait for ever.
        let mut furthest = if buys_below { low.to_vec() } else { high.to_vec() };
        for bar in (1..furthest.len()).rev() {
            let later = furthest[bar];
            furthest[bar - 1] = if buys_below { furthest[bar - 1].min(later) } else { furthest[bar - 1].max(later) };
        }
        let reaches = |price: f64, to: f64| if buys_below { to <= price } else { to >= price };
        for bar in (0..bars.len().saturating_sub(1)).filter(|bar| enter[*bar] && price[*bar].is_finite()) {
            let price = price[bar];
            counts.made += 1;
            counts.past += usize::from(reaches(price, close[bar]));
            let goes = if buys_below { low } else { high };
            let within = |count: usize| goes[bar + 1..].iter().take(count).any(|to| reaches(price, *to));
            let is_reached = match rules.good_for {
                GoodFor::Ever => reaches(price, furthest[bar + 1]),
                GoodFor::Bars(count) => within(count),
                GoodFor::Day => {
                    let date = bars.timestamp(bar + 1).date();
                    within((bar + 1..bars.len()).take_while(|later| bars.timestamp(*later).date() == date).count())
                }
            };
            counts.reached += usize::from(is_reached);
        }
    }
    Ok(counts)
}

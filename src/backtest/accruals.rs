//! Accruals: what is charged and paid while nothing is traded.
//!
//! Borrow fees and interest are charged for every UTC date that ends, funding at each of its hours; on
//! what is held when the bar before ends, at its last prices. All are booked at the first step that
//! begins at that instant or after it, before anything fills. What happens between two fills hangs on
//! prices alone, so that the broker books what has come due when it next wakes.

use crate::backtest::Accrual;
use crate::backtest::broker::Broker;
use crate::backtest::timeline::Timeline;
use crate::strategy::{Costs, Hours};
use crate::time::Timestamp;

const HOUR: i64 = Timestamp::DAY / 24;

/// Days in the year of a rate.
const YEAR: f64 = 365.0;

/// What comes due on a timeline, in order, and how much of it is booked.
pub(super) struct Accruals {
    due: Vec<Due>,
    booked: usize,
}

/// What comes due as a step begins.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Due {
    step: usize,
    /// Dates that have ended since the step before began.
    days: f64,
    /// Funding hours that have come since then.
    fundings: f64,
}

impl Accruals {
    /// What comes due under these costs: nothing, where they accrue nothing.
    pub fn new(costs: &Costs, timeline: &Timeline) -> Self {
        let hours = Some(costs.funding_hours).filter(|_| costs.funding != 0.0);
        let due = match costs.accrue() {
            true => timeline.instants.windows(2).enumerate().filter_map(|(step, pair)| due(step + 1, pair, hours)),
            false => return Self { due: Vec::new(), booked: 0 },
        };
        Self { due: due.collect(), booked: 0 }
    }

    /// What is next to be booked, where it has come due by a step.
    #[inline]
    fn take(&mut self, step: usize) -> Option<Due> {
        let due = self.due.get(self.booked).copied().filter(|due| due.step <= step)?;
        self.booked += 1;
        Some(due)
    }
}

/// What comes due as a step begins, where anything does; the instants are those of the step before and
/// its own.
fn due(step: usize, instants: &[i64], hours: Option<Hours>) -> Option<Due> {
    let passed = |count: &dyn Fn(i64) -> i64| match instants {
        [before, now] => (count(*now) - count(*before)) as f64,
        _ => 0.0,
    };
    let days = passed(&|instant| instant.div_euclid(Timestamp::DAY));
    let fundings = hours.map_or(0.0, |hours| passed(&|instant| fundings(instant, hours)));
    (days > 0.0 || fundings > 0.0).then_some(Due { step, days, fundings })
}

/// The funding hours that have come by an instant, since 1970.
fn fundings(instant: i64, hours: Hours) -> i64 {
    let hour = instant.rem_euclid(Timestamp::DAY) / HOUR;
    let today = hours.until(u32::try_from(hour).unwrap_or(0));
    instant.div_euclid(Timestamp::DAY) * i64::from(hours.count()) + i64::from(today)
}

impl Broker<'_> {
    /// Books what has come due by the beginning of a step.
    #[inline]
    pub fn accrue(&mut self, step: usize) {
        while let Some(due) = self.accruals.take(step) {
            self.book(due);
        }
    }

    fn book(&mut self, Due { step, days, fundings }: Due) {
        let now = self.timeline.instants[step];
        let (gross, net) = self.ledger.exposure(|instrument| self.price_at(instrument, step - 1, now));
        let (short, cash) = ((gross - net) / 2.0, self.ledger.cash);
        let (costs, years) = (&self.policies.costs, days / YEAR);
        self.ledger.accrue(Accrual {
            bar: step,
            borrow: costs.borrow * years * short,
            funding: costs.funding * fundings * net,
            interest: costs.interest * years * (cash - short).max(0.0),
            margin_interest: costs.margin_interest * years * (-cash).max(0.0),
            dividends: 0.0,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_that_ends_and_every_funding_hour_that_comes_is_due_once() {
        let hours = Some(Hours::default());
        let due =
            |before: i64, now: i64| due(1, &[before * HOUR, now * HOUR], hours).map(|due| (due.days, due.fundings));
        assert_eq!(due(0, 1), None);
        assert_eq!(due(7, 8), Some((0.0, 1.0)));
        assert_eq!(due(8, 15), None);
        assert_eq!(due(23, 24), Some((1.0, 1.0)));
        assert_eq!(due(0, 72), Some((3.0, 9.0)), "over a weekend");
        assert_eq!(due(-25, -23), Some((1.0, 1.0)), "before 1970");
    }
}

//! Costs: what a fill costs, and what can be afforded with it.
//!
//! Market orders, and stops, which become market orders once touched, pay half the spread, the
//! slippage and their impact in their price. Limits and targets fill at their price or better and pay
//! none of these. Commission is charged for each fill. With a tick, every fill's price is rounded to it
//! against whoever trades.

use crate::strategy::Costs;

/// The commission that holds at some instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    proportional: f64,
    per_unit: f64,
    fixed: f64,
    minimum: f64,
}

impl Rates {
    /// The commission of who has traded so much in the last 30 days.
    pub fn new(costs: &Costs, traded: f64) -> Self {
        let (proportional, per_unit) = match costs.tiers.at(traded) {
            Some(tier) => (tier.commission, tier.commission_per_unit),
            None => (costs.commission, costs.commission_per_unit),
        };
        Self { proportional, per_unit, fixed: costs.commission_fixed, minimum: costs.commission_minimum }
    }

    /// Commission of a fill, in the account's currency.
    pub fn commission(self, units: f64, price: f64) -> f64 {
        let sum = self.fixed + self.proportional * (units * price) + self.per_unit * units;
        sum.max(self.minimum)
    }

    /// The most units whose value and commission come to no more than `budget`; zero if there are none.
    ///
    /// Commission is the greater of two straight lines (the sum and the minimum), so the most is the
    /// lesser of what each allows.
    pub fn affordable(self, price: f64, budget: f64) -> f64 {
        let by_sum = (budget - self.fixed) / (price * (1.0 + self.proportional) + self.per_unit);
        let by_minimum = (budget - self.minimum) / price;
        let mut units = by_sum.min(by_minimum).max(0.0);
        // The division may round up by a few units in the last place, which would overdraw the account.
        while units > 0.0 && units * price + self.commission(units, price) > budget {
            units = (units * (1.0 - f64::EPSILON)).next_down();
        }
        units
    }
}

/// The price of a fill at market, from the price without costs. `distance` is the part of the slippage
/// that is a distance in price units, `impact` the fraction by which the order moves the price.
pub(super) fn market_price(costs: &Costs, buying: bool, reference: f64, distance: f64, impact: f64) -> f64 {
    let (half, slippage, amount) = (costs.spread / 2.0, costs.slippage, distance + costs.slippage_amount);
    let price = match buying {
        true => reference * (1.0 + half) * (1.0 + slippage) * (1.0 + impact) + amount,
        false => reference * (1.0 - half) * (1.0 - slippage) * (1.0 - impact) - amount,
    };
    price.max(0.0)
}

/// A price rounded to a tick, up or down; as it is where the tick is zero.
pub(super) fn on_tick(tick: f64, price: f64, up: bool) -> f64 {
    /// How far a price may lie from a tick, relative to it, and be taken to lie on it.
    const NEAR: f64 = 1e-9;
    if tick <= 0.0 {
        return price;
    }
    let ticks = price / tick;
    let whole = match (ticks - ticks.round()).abs() <= NEAR * ticks.abs() {
        true => ticks.round(),
        false if up => ticks.ceil(),
        false => ticks.floor(),
    };
    // Most ticks are one over a whole number: dividing by it gives the number that a person writes.
    let inverse = (1.0 / tick).round();
    if (inverse * tick - 1.0).abs() < 1e-12 { whole / inverse } else { whole * tick }
}

/// `units` rounded down to whole lots; a lot of zero leaves them as they are.
pub(super) fn whole_lots(units: f64, lot: f64) -> f64 {
    if lot <= 0.0 {
        return units;
    }
    // A size that is whole but for rounding, as 0.3 in lots of 0.1, keeps its last lot.
    let nearest = (units / lot).round() * lot;
    if nearest <= units * (1.0 + 4.0 * f64::EPSILON) { nearest } else { (units / lot).floor() * lot }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_equity_pays_its_own_commission() {
        let costs = Costs { commission: 0.001, ..Costs::default() };
        let rates = Rates::new(&costs, 0.0);
        let units = rates.affordable(50.0, 100_000.0);
        assert!((units - 100_000.0 / (50.0 * 1.001)).abs() < 1e-9);
        assert!(units * 50.0 + rates.commission(units, 50.0) <= 100_000.0);
    }

    #[test]
    fn fixed_per_unit_and_minimum_commission_are_solved_for() {
        let costs = Costs {
            commission: 0.002,
            commission_fixed: 3.0,
            commission_per_unit: 0.01,
            commission_minimum: 25.0,
            ..Costs::default()
        };
        let rates = Rates::new(&costs, 0.0);
        for budget in [10.0, 25.0, 100.0, 9_876.5, 1e6] {
            let units = rates.affordable(7.3, budget);
            let spent = |units: f64| units * 7.3 + rates.commission(units, 7.3);
            assert!(units == 0.0 || spent(units) <= budget);
            assert!(spent(units + 1e-6) > budget, "one could buy more than {units} for {budget}");
        }
    }

    #[test]
    fn lots_round_down() {
        assert_eq!(whole_lots(7.9, 1.0), 7.0);
        assert_eq!(whole_lots(0.9, 1.0), 0.0);
        assert_eq!(whole_lots(0.1 + 0.2, 0.1), 3.0 * 0.1);
        assert_eq!(whole_lots(250.0, 100.0), 200.0);
        assert_eq!(whole_lots(1.5, 0.0), 1.5);
    }

    #[test]
    fn spread_and_slippage_are_always_a_loss() {
        let costs = Costs { spread: 0.02, slippage: 0.1, ..Costs::default() };
        assert!((market_price(&costs, true, 100.0, 0.0, 0.0) - 111.1).abs() < 1e-9);
        assert!((market_price(&costs, false, 100.0, 0.0, 0.0) - 89.1).abs() < 1e-9);
        assert!((market_price(&costs, true, 100.0, 0.5, 0.2) - (111.1 * 1.2 + 0.5)).abs() < 1e-9);
        assert_eq!(market_price(&costs, false, 100.0, 95.0, 0.0), 0.0);
    }

    #[test]
    fn prices_are_rounded_to_the_tick_and_those_on_it_stay() {
        assert_eq!([true, false].map(|up| on_tick(0.01, 100.071, up)), [100.08, 100.07]);
        assert_eq!([true, false].map(|up| on_tick(0.01, 100.07, up)), [100.07, 100.07]);
        assert_eq!([true, false].map(|up| on_tick(0.25, 10.3, up)), [10.5, 10.25]);
        assert_eq!([true, false].map(|up| on_tick(5.0, 12.0, up)), [15.0, 10.0]);
        assert_eq!(on_tick(0.0, 100.071, true), 100.071);
    }
}

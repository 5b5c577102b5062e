//! Costs: what a fill costs, and what can be afforded with it.
//!
//! Market orders, and stops, which become market orders once touched, pay half the spread and the
//! slippage in their price. Limits and targets fill at their price or better and pay neither.
//! Commission is charged for each fill.

use crate::strategy::Costs;

/// Commission of a fill, in the account's currency.
pub(super) fn commission(costs: &Costs, units: f64, price: f64) -> f64 {
    let sum = costs.commission_fixed + costs.commission * (units * price) + costs.commission_per_unit * units;
    sum.max(costs.commission_minimum)
}

/// The price of a fill at market, from the price without spread and slippage.
pub(super) fn market_price(costs: &Costs, buying: bool, reference: f64) -> f64 {
    let (half, slippage, amount) = (costs.spread / 2.0, costs.slippage, costs.slippage_amount);
    match buying {
        true => reference * (1.0 + half) * (1.0 + slippage) + amount,
        false => reference * (1.0 - half) * (1.0 - slippage) - amount,
    }
}

/// The most units whose value and commission come to no more than `budget`; zero if there are none.
///
/// Commission is the greater of two straight lines (the sum and the minimum), so the most is the
/// lesser of what each allows.
pub(super) fn affordable(costs: &Costs, price: f64, budget: f64) -> f64 {
    let by_sum = (budget - costs.commission_fixed) / (price * (1.0 + costs.commission) + costs.commission_per_unit);
    let by_minimum = (budget - costs.commission_minimum) / price;
    let mut units = by_sum.min(by_minimum).max(0.0);
    // The division may round up by a few units in the last place, which would overdraw the account.
    while units > 0.0 && units * price + commission(costs, units, price) > budget {
        units = (units * (1.0 - f64::EPSILON)).next_down();
    }
    units
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
        let units = affordable(&costs, 50.0, 100_000.0);
        assert!((units - 100_000.0 / (50.0 * 1.001)).abs() < 1e-9);
        assert!(units * 50.0 + commission(&costs, units, 50.0) <= 100_000.0);
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
        for budget in [10.0, 25.0, 100.0, 9_876.5, 1e6] {
            let units = affordable(&costs, 7.3, budget);
            let spent = |units: f64| units * 7.3 + commission(&costs, units, 7.3);
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
        assert!((market_price(&costs, true, 100.0) - 111.1).abs() < 1e-9);
        assert!((market_price(&costs, false, 100.0) - 89.1).abs() < 1e-9);
    }
}

//! Examples that are worked out by hand.

use timeweave::backtest::Policies;
use timeweave::strategy::{Account, Costs, Fill, Rebalance};

use super::{bars, days, hold, rows};

fn policies(cash: f64, commission: f64) -> Policies {
    let (account, costs) = (Account { cash, ..Account::default() }, Costs { commission, ..Costs::default() });
    Policies { account, costs, ..Policies::default() }
}

/// Half and half, looked at every other day: at the closes of days 0, 2 and 4.
///
/// | day | open A | open B | equity at the open | what is traded |
/// | --- | --- | --- | --- | --- |
/// | 1 | 10 | 20 | 1,000 | A: 500 / 10 = 50 bought; B: 500 / 20 = 25 bought; both paid in full |
/// | 3 | 16 | 20 | 50 × 16 + 25 × 20 = 1,300 | A: 650 / 16 = 40.625, so 9.375 sold; B: 650 / 20 = 32.5, so 7.5 bought |
/// | 5 | 16 | 10 | 650 + 325 = 975 | A: 487.5 / 16 = 30.46875, so 10.15625 sold; B: 48.75, so 16.25 bought |
#[test]
fn halves_are_brought_back_every_other_day() {
    let a = days(&[(10.0, 10.0), (10.0, 12.0), (12.0, 15.0), (16.0, 16.0), (16.0, 16.0), (16.0, 18.0), (20.0, 20.0)]);
    let b = days(&[(20.0, 20.0), (20.0, 20.0), (20.0, 20.0), (20.0, 18.0), (15.0, 12.0), (10.0, 10.0), (10.0, 10.0)]);
    let half = [0.5; 7];
    let backtest = hold(policies(1_000.0, 0.0), bars(2), &[(&a, &half), (&b, &half)]);
    assert_eq!(
        rows(&backtest),
        [
            (0, 9.375, 1, 10.0, 3, 16.0, "rebalance"),
            (0, 10.15625, 1, 10.0, 5, 16.0, "rebalance"),
            (0, 30.46875, 1, 10.0, 6, 20.0, "end_of_data"),
            (1, 25.0, 1, 20.0, 6, 10.0, "end_of_data"),
            (1, 7.5, 3, 20.0, 6, 10.0, "end_of_data"),
            (1, 16.25, 5, 10.0, 6, 10.0, "end_of_data"),
        ]
    );
    let closes = [1_000.0, 1_100.0, 1_250.0, 1_235.0, 1_040.0, 1_035.937_5, 1_096.875];
    assert_eq!(backtest.equity, closes);
    assert_eq!(backtest.cash[..6], [1_000.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert!(backtest.refused.is_empty(), "{:?}", backtest.refused);
}

/// Commission of 1 %: of what is needed (50 × 10 + 5, twice) the account has 1,000, so that both halves
/// become 1,000 / 1,010 of what they were to be. Neither name has an advantage.
#[test]
fn what_costs_take_is_taken_from_all_in_proportion() {
    let flat = days(&[(10.0, 10.0), (10.0, 10.0), (10.0, 10.0)]);
    let half = [0.5; 3];
    let backtest = hold(policies(1_000.0, 0.01), bars(9), &[(&flat, &half), (&flat, &half)]);
    let units: Vec<f64> = backtest.trades.iter().map(|trade| trade.units).collect();
    let expected = 50.0 * 1_000.0 / 1_010.0;
    assert!(units.iter().all(|units| (units - expected).abs() < 1e-9), "{units:?}");
    assert!(backtest.cash[1].abs() < 1e-9 && backtest.cash[1] >= 0.0, "{}", backtest.cash[1]);
    assert!(backtest.refused.is_empty(), "{:?}", backtest.refused);
}

/// From 0.6 to -0.4 in one look: 60 are sold, and 40 sold short, of an equity of 1,000 at the same price; then
/// back to nothing. What is not known holds nothing.
#[test]
fn a_sign_that_changes_closes_and_opens_the_other_way() {
    let flat = days(&[(10.0, 10.0); 6]);
    let weights = [0.6, -0.4, 0.2, f64::NAN, 0.0, 0.0];
    let backtest = hold(policies(1_000.0, 0.0), bars(1), &[(&flat, &weights)]);
    let expected = [
        (0, 60.0, 1, 10.0, 2, 10.0, "rebalance"),
        (0, -40.0, 2, 10.0, 3, 10.0, "rebalance"),
        (0, 20.0, 3, 10.0, 4, 10.0, "rebalance"),
    ];
    assert_eq!(rows(&backtest), expected);
}

/// 10, 10 and 10 units are bought at 10, 20 and 40; of 30, 16 are sold: the oldest ten, and six of the next.
/// The one fill of 16 × 40 pays one commission, of which each trade has its share.
#[test]
fn the_oldest_lots_are_closed_first_in_one_fill() {
    let prices = [10.0, 10.0, 20.0, 40.0, 40.0].map(|price| (price, price));
    let held = days(&prices);
    // Shares of 1,000, 1,100 and 1,500: the equity when they are bought; then 14 × 40 of 1,500.
    let weights = [100.0 / 1_000.0, 400.0 / 1_100.0, 1_200.0 / 1_500.0, 560.0 / 1_500.0, 0.0];
    let backtest = hold(policies(1_000.0, 0.0), bars(1), &[(&held, &weights)]);
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let units: Vec<f64> = backtest.trades.iter().map(|trade| trade.units).collect();
    let expected = [10.0, 6.0, 4.0, 10.0];
    assert!(units.iter().zip(expected).all(|(a, b)| close(*a, b)) && units.len() == 4, "{units:?}");
    let entries: Vec<f64> = backtest.trades.iter().map(|trade| trade.entry_price).collect();
    assert_eq!(entries, [10.0, 20.0, 20.0, 40.0]);

    let costs = Costs { commission_fixed: 4.0, ..Costs::default() };
    let fixed = hold(Policies { costs, ..policies(1_000.0, 0.0) }, bars(1), &[(&held, &weights)]);
    // Three entries, one reduction; then the two lots that the end of the data closes.
    assert!(close(fixed.commission, 6.0 * 4.0), "{}", fixed.commission);
}

/// A price that moves by less than the drift moves nothing. At 16, half of 1,000 has become 800 of 1,300: 11.5
/// percent too much.
#[test]
fn past_a_drift_and_not_before() {
    let moves = days(&[(10.0, 10.0), (10.0, 11.0), (11.0, 12.0), (12.0, 16.0), (16.0, 16.0), (16.0, 16.0)]);
    let when = |drift| Rebalance { drift: Some(drift), ..bars(1) };
    let half = [0.5; 6];
    let backtest = hold(policies(1_000.0, 0.0), when(0.1), &[(&moves, &half)]);
    assert_eq!(
        rows(&backtest),
        [(0, 9.375, 1, 10.0, 4, 16.0, "rebalance"), (0, 40.625, 1, 10.0, 5, 16.0, "end_of_data")]
    );
    let never = hold(policies(1_000.0, 0.0), when(0.12), &[(&moves, &half)]);
    assert_eq!(rows(&never), [(0, 50.0, 1, 10.0, 5, 16.0, "end_of_data")]);
    // The first look acts, however little is wanted.
    let little = hold(policies(1_000.0, 0.0), when(0.1), &[(&moves, &[0.02; 6])]);
    assert_eq!(rows(&little), [(0, 2.0, 1, 10.0, 5, 16.0, "end_of_data")]);
}

/// At the same close, sizes are known when the order is made: nothing drifts overnight.
#[test]
fn orders_fill_at_the_close_that_made_them_where_that_is_asked_for() {
    let gaps = days(&[(10.0, 10.0), (20.0, 20.0), (40.0, 40.0)]);
    let same_close = Policies { fill: Fill::SameClose, ..policies(1_000.0, 0.0) };
    let backtest = hold(same_close, bars(1), &[(&gaps, &[0.5; 3])]);
    // 50 at 10; on the next day 1,500, half of which is 37.5 at 20.
    assert_eq!(rows(&backtest), [(0, 12.5, 0, 10.0, 1, 20.0, "rebalance"), (0, 37.5, 0, 10.0, 2, 40.0, "end_of_data")]);
}

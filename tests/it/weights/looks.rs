//! When weights are looked at, and what an instrument counts with then.

use timeweave::backtest::Policies;
use timeweave::data::Bars;
use timeweave::strategy::Rebalance;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{bars, daily, days, each, hold, rows};

/// The dates on which anything is bought.
fn bought(when: Rebalance, held: &[(&Bars, &[f64])]) -> Vec<String> {
    let backtest = hold(Policies::default(), when, held);
    let mut dates: Vec<Timestamp> = backtest.trades.iter().map(|trade| trade.entry_time).collect();
    dates.sort();
    dates.dedup();
    dates.iter().map(ToString::to_string).collect()
}

/// Weekdays of 2013 from January 2 on, at one price, without some of them.
fn weekdays(count: i64, without: &[&str]) -> Bars {
    let first: Timestamp = "2013-01-02".parse().unwrap();
    let without: Vec<i64> = without.iter().map(|date| date.parse::<Timestamp>().unwrap().0 / Timestamp::DAY).collect();
    let dates = (first.0 / Timestamp::DAY..).take(count as usize);
    let traded = dates.filter(|day| !matches!(day.rem_euclid(7), 2 | 3) && !without.contains(day));
    daily(Calendar::Weekdays, &traded.map(|day| (day, 10.0, 10.0)).collect::<Vec<_>>())
}

/// Weights that differ on every bar, so that each look trades.
fn growing(bars: &Bars) -> Vec<f64> {
    (0..bars.len()).map(|bar| 0.1 + 0.005 * bar as f64).collect()
}

/// January 31 was a Thursday, March 29 a Friday: the month ends with it, and Monday is its next open.
#[test]
fn a_month_ends_with_the_close_of_its_last_weekday() {
    let quarter = weekdays(95, &[]);
    let weights = growing(&quarter);
    let dates = bought(each(Timeframe::MONTH), &[(&quarter, &weights)]);
    assert_eq!(dates, ["2013-01-03", "2013-02-01", "2013-03-01", "2013-04-01"]);
}

/// Friday, January 11 has no bar: whether the week has ended shows at Monday's close.
#[test]
fn a_period_whose_last_bar_is_missing_has_ended_at_the_next_close() {
    let weeks = weekdays(23, &["2013-01-11"]);
    let weights = growing(&weeks);
    let dates = bought(each(Timeframe::WEEK), &[(&weeks, &weights)]);
    assert_eq!(dates, ["2013-01-03", "2013-01-07", "2013-01-15", "2013-01-21"]);
    // Another instrument that has the bar shows it in time, for both.
    let whole = weekdays(23, &[]);
    let dates = bought(each(Timeframe::WEEK), &[(&weeks, &weights), (&whole, &growing(&whole))]);
    assert_eq!(dates, ["2013-01-03", "2013-01-07", "2013-01-14", "2013-01-21"]);
}

/// What trades on weekends too has its month end on Sunday, March 31; weekdays on Friday. The look is at the
/// later, and each acts at its own next open, which is Monday's for both.
#[test]
fn a_period_has_ended_when_it_has_on_all_calendars() {
    let stocks = weekdays(95, &[]);
    let first = stocks.timestamps()[0] / Timestamp::DAY;
    let coins = daily(Calendar::Continuous, &(first..first + 95).map(|day| (day, 10.0, 10.0)).collect::<Vec<_>>());
    let (of_stocks, of_coins) = (growing(&stocks), growing(&coins));
    let held: [(&Bars, &[f64]); 2] = [(&stocks, &of_stocks), (&coins, &of_coins)];
    let dates = bought(each(Timeframe::MONTH), &held);
    assert_eq!(dates, ["2013-01-03", "2013-02-01", "2013-03-01", "2013-04-01"]);
    // Weeks end on Saturday and on Monday, 00:00.
    let dates = bought(each(Timeframe::WEEK), &held[..]);
    assert_eq!(dates[..3], ["2013-01-03", "2013-01-07", "2013-01-14"]);
}

/// The first look is at the first close at which a weight is known, and every third bar after it is another.
#[test]
fn bars_are_counted_from_the_first_weight_on() {
    let flat = days(&[(10.0, 10.0); 9]);
    let unknown = f64::NAN;
    let weights = [unknown, unknown, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    let backtest = hold(Policies::default(), bars(3), &[(&flat, &weights)]);
    let expected = [(0, 1_000.0, 3, 10.0, 8, 10.0, "end_of_data"), (0, 3_000.0, 6, 10.0, 8, 10.0, "end_of_data")];
    assert_eq!(rows(&backtest), expected);
    // What has weights and no bars yet holds nothing; nobody looks where nothing is ever known.
    let nothing = hold(Policies::default(), bars(1), &[(&flat, &[unknown; 9])]);
    assert!(nothing.trades.is_empty());
}

/// B has no bar on days 2 to 4: its order of day 1's close waits until day 5, and is replaced at every look between.
#[test]
fn an_order_waits_for_the_next_open_and_the_next_look_replaces_it() {
    let a = days(&[(10.0, 10.0); 8]);
    let b = daily(Calendar::Continuous, &[0, 1, 5, 6, 7].map(|day| (day, 10.0, 10.0)));
    let (of_a, of_b) = ([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.2, 0.4, 0.4, 0.4, 0.4]);
    let backtest = hold(Policies::default(), bars(1), &[(&a, &of_a), (&b, &of_b)]);
    let expected = [
        (0, 1_000.0, 1, 10.0, 7, 10.0, "end_of_data"),
        (1, 2_000.0, 1, 10.0, 7, 10.0, "end_of_data"),
        (1, 2_000.0, 5, 10.0, 7, 10.0, "end_of_data"),
    ];
    assert_eq!(rows(&backtest), expected);
}

/// B's bars end on day 2. Half of the account stays in it until it counts as delisted, 30 days after; what A is to
/// have more of finds no cash until then, and is a part of 1.5 until B's weight counts no more.
#[test]
fn what_has_ended_is_closed_as_delisted_and_its_weight_is_free() {
    let a = days(&[(10.0, 10.0); 50]);
    let b = days(&[(10.0, 10.0); 3]);
    let mut of_a = [1.0; 50];
    of_a[..3].fill(0.5);
    let backtest = hold(Policies::default(), bars(1), &[(&a, &of_a), (&b, &[0.5; 3])]);
    let held: Vec<_> =
        backtest.trades.iter().map(|t| (t.instrument, t.units.round(), t.entry_bar, t.exit_bar)).collect();
    assert_eq!(held, [(1, 5_000.0, 1, 33), (0, 5_000.0, 1, 49), (0, 1_667.0, 33, 49), (0, 3_333.0, 34, 49)]);
    assert_eq!(backtest.trades[0].reason.name(), "delisted");
}

/// Both are to be changed over at the look of day 2's close. A opens on day 3, and B, whose sale pays for it, on
/// day 4: A's order waits for that.
#[test]
fn what_is_paid_for_by_another_that_opens_later_waits_for_it() {
    let a = days(&[(10.0, 10.0); 6]);
    let b = daily(Calendar::Continuous, &[0, 1, 2, 4, 5].map(|day| (day, 10.0, 10.0)));
    let (of_a, of_b) = ([0.0, 0.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0, 0.0]);
    let backtest = hold(Policies::default(), bars(2), &[(&a, &of_a), (&b, &of_b)]);
    let expected = [(1, 10_000.0, 1, 10.0, 4, 10.0, "rebalance"), (0, 10_000.0, 4, 10.0, 5, 10.0, "end_of_data")];
    assert_eq!(rows(&backtest), expected);
    assert!(backtest.refused.iter().all(|refused| refused.instrument.is_some()), "{:?}", backtest.refused);
}

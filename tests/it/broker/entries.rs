//! Entries that wait for a price, that add, and that turn a position, worked out by hand.

use timeweave::backtest::ExitReason;
use timeweave::expr::Argument;
use timeweave::expr::OrderPrice::{Limit, Stop, StopLimit, Trailing};
use timeweave::strategy::{Costs, Fill, GoodFor};

use super::play::{FLAT, Letters, Play, by, node, percent, rows};

/// Falls to 94 on the third bar, gaps to 90 on the fourth.
const FALLING: [[f64; 4]; 5] =
    [FLAT, [100.0, 101.0, 96.0, 99.0], [99.0, 99.0, 94.0, 98.0], [90.0, 92.0, 89.0, 91.0], [91.0; 4]];

fn end(units: f64, bar: usize, price: f64) -> (f64, usize, f64, usize, f64, ExitReason) {
    (units, bar, price, 4, 91.0, ExitReason::EndOfData)
}

#[test]
fn broker_a_rules_limit_waits_at_the_price_of_its_signal() {
    let costs = Costs { spread: 0.1, slippage: 0.1, ..Costs::default() };
    let entry = |prices: &[f64]| {
        let mut play = Play::new(&FALLING, "e").at(Limit(prices.to_vec()));
        play.policies.costs = costs;
        let trades = rows(&play.run());
        trades.first().map(|trade| (trade.1, trade.2))
    };
    assert_eq!(entry(&[95.0, 97.0, 97.0]), Some((2, 95.0)), "the price of the bar of the signal holds");
    assert_eq!(entry(&[93.0]), Some((3, 90.0)), "a gap fills at the open");
    assert_eq!(entry(&[101.0]), Some((1, 100.0)), "a limit above the market fills at once");
    assert_eq!(entry(&[80.0]), None);
}

#[test]
fn broker_an_order_waits_as_long_as_it_is_good_for() {
    let entry = |good_for: GoodFor| {
        let mut play = Play::new(&FALLING, "e").at(Limit(vec![95.0]));
        play.long.good_for = good_for;
        rows(&play.run()).first().map(|trade| trade.1)
    };
    assert_eq!(entry(GoodFor::Bars(1)), None);
    assert_eq!(entry(GoodFor::Bars(2)), Some(2));
    assert_eq!(entry(GoodFor::Day), None, "the day of the next bar");
    assert_eq!(entry(GoodFor::Ever), Some(2));
}

#[test]
fn broker_an_exit_cancels_what_waits_and_a_new_signal_replaces_it() {
    let trades = |rules, prices: &[f64]| {
        let backtest = Play::new(&FALLING, rules).at(Limit(prices.to_vec())).run();
        (rows(&backtest), backtest.refusals())
    };
    assert_eq!(trades("ex", &[95.0]).0, []);
    let left = [(1.0, 2, 95.0, 3, 90.0, ExitReason::Signal)];
    assert_eq!(trades("e.x", &[95.0]).0, left, "it has filled by then");
    assert_eq!(trades("ee", &[98.0, 94.5]).0, [end(1.0, 1, 98.0)]);
    assert_eq!(trades("ee", &[90.5, 95.0]).0, [end(1.0, 2, 95.0)], "not at 90.5, nor twice");
    let (kept, refused) = trades("ee", &[95.0, f64::NAN]);
    assert_eq!(kept, [end(1.0, 2, 95.0)], "an order whose price is not known replaces nothing");
    let why = "test/A: long entry not made: the price of its order was not known";
    assert_eq!(refused, [(why.to_string(), 1)]);
}

#[test]
fn broker_the_other_sides_signal_replaces_what_waits() {
    let mut play = Play::new(&FALLING, "e").at(Limit(vec![95.0]));
    play.short = Letters { rules: ".e", at: Some(Limit(vec![98.5])), ..Letters::default() };
    assert_eq!(rows(&play.run()), [end(-1.0, 2, 99.0)]);
}

#[test]
fn broker_rules_enter_with_stops_stop_limits_and_trailing_stops() {
    let up = [FLAT, [100.0, 104.0, 99.0, 103.0], [103.0, 107.0, 102.0, 106.0], [109.0, 112.0, 104.0, 111.0], [91.0; 4]];
    let entry = |order| rows(&Play::new(&up, "e").at(order).run()).first().map(|trade| (trade.1, trade.2));
    assert_eq!(entry(Stop(vec![105.0])), Some((2, 105.0)));
    assert_eq!(entry(Stop(vec![108.0])), Some((3, 109.0)), "a gap fills at the open");
    assert_eq!(entry(Stop(vec![95.0])), Some((1, 100.0)), "a stop below the market fills at once");
    assert_eq!(entry(Stop(vec![113.0])), None);
    let stop_limit = |stop, limit| entry(StopLimit { stop: vec![stop], limit: vec![limit] });
    assert_eq!(stop_limit(105.0, 106.0), Some((2, 105.0)));
    assert_eq!(stop_limit(108.0, 110.0), Some((3, 109.0)));
    assert_eq!(stop_limit(108.0, 105.0), Some((3, 105.0)), "past its limit at the open, it waits for it");
    assert_eq!(stop_limit(105.0, 104.5), Some((3, 104.5)), "what the bar of the stop does not show comes later");
    assert_eq!(stop_limit(108.0, 103.0), Some((4, 91.0)));
    // From 100 the trailing stop stands at 106; after the low of 90 at 96.
    let dip = [FLAT, [99.0, 99.0, 90.0, 91.0], [91.0, 95.0, 91.0, 94.0], [94.0, 97.0, 94.0, 96.0], [91.0; 4]];
    let trailing = |distance| {
        let trades = rows(&Play::new(&dip, "e").at(Trailing(vec![distance])).run());
        trades.first().map(|trade| (trade.1, trade.2))
    };
    assert_eq!(trailing(6.0), Some((3, 96.0)));
    assert_eq!(trailing(4.0), Some((2, 94.0)));
    assert_eq!(trailing(8.0), None);
    assert_eq!(trailing(-1.0), None);
}

#[test]
fn broker_an_order_that_waits_turns_the_position_when_it_fills() {
    let up = [FLAT, FLAT, [100.0, 104.0, 99.0, 103.0], [103.0, 107.0, 102.0, 106.0], [106.0; 4], [90.0; 4]];
    let mut play = Play::new(&up, "e");
    play.short = Letters { rules: ".e", at: Some(Limit(vec![105.0])), ..Letters::default() };
    let turned = [(1.0, 1, 100.0, 3, 105.0, ExitReason::Reversal), (-1.0, 3, 105.0, 5, 90.0, ExitReason::EndOfData)];
    assert_eq!(rows(&play.run()), turned, "the position is held until then");
    // A size of its own, not what is left over of netting.
    play.size = node("units", [3.0.into()]);
    assert_eq!(rows(&play.run()).iter().map(|trade| trade.0).collect::<Vec<_>>(), [3.0, -3.0]);
    // Where the position has ended by then, it enters all the same.
    let stopped = play.clone().exit("take_profit", [percent(0.03)]).run();
    assert_eq!(rows(&stopped)[0], (3.0, 1, 100.0, 2, 103.0, by("take_profit")));
    assert_eq!((rows(&stopped)[1].1, rows(&stopped)[1].2), (3, 105.0));
    // Its own exit cancels it; the position goes on.
    play.short.rules = ".ex";
    assert_eq!(rows(&play.run()), [(3.0, 1, 100.0, 5, 90.0, ExitReason::EndOfData)]);
}

#[test]
fn broker_a_side_adds_as_often_as_it_says_and_leaves_with_all() {
    let steps: Vec<[f64; 4]> = [100.0, 100.0, 110.0, 120.0, 130.0, 140.0].map(|price| [price; 4]).to_vec();
    let mut play = Play::new(&steps, "eeee.");
    assert_eq!(rows(&play.run()).len(), 1, "by default it does not");
    play.long.add = 2;
    let all = [(1.0, 1, 100.0), (1.0, 2, 110.0), (1.0, 3, 120.0)];
    let expected = all.map(|(units, bar, price)| (units, bar, price, 5, 140.0, ExitReason::EndOfData));
    assert_eq!(rows(&play.run()), expected);
    play.long.rules = "e.e.x";
    let expected = [(1.0, 1, 100.0), (1.0, 3, 120.0)];
    let expected = expected.map(|(units, bar, price)| (units, bar, price, 5, 140.0, ExitReason::Signal));
    assert_eq!(rows(&play.run()), expected);
    // A new position may be added to anew.
    let flat = vec![FLAT; 10];
    let mut play = Play::new(&flat, "eeex.eee");
    play.long.add = 1;
    let bars: Vec<_> = rows(&play.run()).iter().map(|trade| (trade.1, trade.3)).collect();
    assert_eq!(bars, [(1, 4), (2, 4), (6, 9), (7, 9)]);
    // At the same close, too.
    play.policies.fill = Fill::SameClose;
    let bars: Vec<_> = rows(&play.run()).iter().map(|trade| (trade.1, trade.3)).collect();
    assert_eq!(bars, [(0, 3), (1, 3), (5, 9), (6, 9)]);
}

#[test]
fn broker_stops_go_by_the_mean_entry_from_the_close_of_the_addition_on() {
    // Lots at 100 and 110: the mean is 105, a tenth below it 94.5; before the addition 90.
    let bars = |low: f64, next: f64| [FLAT, FLAT, [110.0, 110.0, low, 105.0], [100.0, 100.0, next, 98.0], [98.0; 4]];
    let left = |low, next| {
        let mut play = Play::new(&bars(low, next), "ee").exit("stop_loss", [percent(0.1)]);
        play.long.add = 1;
        rows(&play.run()).into_iter().map(|trade| (trade.2, trade.3, trade.4)).collect::<Vec<_>>()
    };
    let stop = 105.0 * (1.0 - 0.1);
    assert_eq!(left(92.0, 97.0), [(100.0, 4, 98.0), (110.0, 4, 98.0)], "the old stop still stands on its bar");
    assert_eq!(left(89.0, 97.0), [(100.0, 2, 90.0), (110.0, 2, 90.0)]);
    assert_eq!(left(92.0, 94.0), [(100.0, 3, stop), (110.0, 3, stop)]);
}

#[test]
fn broker_what_was_to_be_added_is_forgotten_with_the_position() {
    let mut play = Play::new(&FALLING, "ee").at(Limit(vec![101.0, 95.0])).exit("stop_loss", [percent(0.05)]);
    play.long.add = 1;
    // The stop at 95 and the addition at 95 are reached on one bar: the stop acts first.
    assert_eq!(rows(&play.run()), [(1.0, 1, 100.0, 2, 95.0, by("stop_loss"))]);
    play.exits.clear();
    let both = rows(&play.run());
    assert_eq!(both, [end(1.0, 1, 100.0), end(1.0, 2, 95.0)]);
    // The rule leaves at the open of the bar on which the addition would fill.
    play.long.rules = "eex";
    play.long.at = Some(Limit(vec![101.0, 90.5]));
    assert_eq!(rows(&play.run()), [(1.0, 1, 100.0, 3, 90.0, ExitReason::Signal)]);
}

#[test]
fn broker_each_addition_has_a_size_of_its_own() {
    let steps: Vec<[f64; 4]> = [100.0, 100.0, 110.0, 110.0].map(|price| [price; 4]).to_vec();
    let units = |size| {
        let mut play = Play::new(&steps, "ee").exit("stop_loss", [percent(0.1)]);
        (play.long.add, play.size) = (1, size);
        play.policies.account.leverage = 100.0;
        rows(&play.run()).iter().map(|trade| trade.0).collect::<Vec<_>>()
    };
    // Half the equity each time: 5,000 at 100; 5,250 at 110, with the gain of 500.
    assert_eq!(units(node("percent", [Argument::Percent(0.5)])), [50.0, 0.5 * 10_500.0 / 110.0]);
    // One part in a hundred lost at the stop of 90, which stands until the bar of the addition closes.
    let risk = units(node("risk", [Argument::Percent(0.01)]));
    assert_eq!(risk, [10.0, 0.01 * 10_100.0 / 20.0]);
}

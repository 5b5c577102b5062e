//! Positions that leave in parts, worked out by hand.

use timeweave::backtest::ExitReason;
use timeweave::data::Column;
use timeweave::expr::{Argument, Condition, OrderPrice};
use timeweave::strategy::{Costs, Intrabar};

use super::play::{FLAT, Play, by, node, percent, rows};

fn share(fraction: f64) -> Argument {
    Argument::Percent(fraction)
}

/// Ten units from 100: a high of 104 on the third bar, of 108 on the fourth, then a fall to 90.
fn play() -> Play {
    let bars =
        [FLAT, FLAT, [101.0, 104.0, 100.0, 103.0], [103.0, 108.0, 102.0, 107.0], [107.0, 107.0, 90.0, 92.0], [92.0; 4]];
    Play { size: node("units", [10.0.into()]), ..Play::new(&bars, "e") }
}

#[test]
fn broker_parts_leave_at_their_targets_and_the_stop_of_the_rest_stays() {
    let play = play()
        .exit("scale_out", [share(0.5), percent(0.03)])
        .exit("scale_out", [share(0.3), percent(0.07)])
        .exit("stop_loss", [percent(0.05)]);
    let expected = [
        (5.0, 1, 100.0, 2, 103.0, by("scale_out")),
        (3.0, 1, 100.0, 3, 107.0, by("scale_out")),
        (2.0, 1, 100.0, 4, 95.0, by("stop_loss")),
    ];
    assert_eq!(rows(&play.run()), expected);
    // A short position sees it mirrored.
    let mut play = play;
    (play.short, play.long) = (play.long.clone(), play.short.clone());
    play.exits.truncate(2);
    let expected = [
        (-5.0, 1, 100.0, 4, 97.0, by("scale_out")),
        (-3.0, 1, 100.0, 4, 93.0, by("scale_out")),
        (-2.0, 1, 100.0, 5, 92.0, ExitReason::EndOfData),
    ];
    assert_eq!(rows(&play.run()), expected);
}

#[test]
fn broker_the_commission_of_the_entry_is_shared_by_the_parts() {
    let mut play = play().exit("scale_out", [share(0.4), percent(0.04)]);
    play.policies.costs = Costs { commission: 0.01, ..Costs::default() };
    let trades = play.run().trades;
    let paid: Vec<f64> = trades.iter().map(|trade| trade.commission).collect();
    // 10 units at 100 cost 10 to enter; 4 at 104 cost 4.16 to leave, 6 at 92 cost 5.52.
    assert!((paid[0] - (4.0 + 4.16)).abs() < 1e-9 && (paid[1] - (6.0 + 5.52)).abs() < 1e-9, "{paid:?}");
    assert!((trades[0].profit - (16.0 - 8.16)).abs() < 1e-9);
}

#[test]
fn broker_parts_are_rounded_down_to_the_lot() {
    let units = |whole: f64, shares: &[f64]| {
        let mut play = play();
        (play.size, play.policies.account.lot) = (node("units", [whole.into()]), 1.0);
        let play = shares.iter().fold(play, |play, part| play.exit("scale_out", [share(*part), percent(0.03)]));
        let backtest = play.run();
        let refused = backtest.refusals().first().map(|(why, count)| (why.clone(), *count));
        (backtest.trades.iter().map(|trade| trade.units).collect::<Vec<_>>(), refused)
    };
    assert_eq!(units(5.0, &[0.5]), (vec![2.0, 3.0], None));
    assert_eq!(units(5.0, &[0.5, 0.5]), (vec![2.0, 2.0, 1.0], None));
    assert_eq!(units(4.0, &[0.5, 0.5]), (vec![2.0, 2.0], None));
    assert_eq!(units(4.0, &[1.0]), (vec![4.0], None));
    let why = "test/A: scale_out not filled: its part of the position is less than one lot";
    assert_eq!(units(1.0, &[0.5]), (vec![1.0], Some((why.to_string(), 1))));
    // Three thirds leave nothing behind.
    let third = 1.0 / 3.0;
    let mut play = play();
    for _ in 0..3 {
        play = play.exit("scale_out", [share(third), percent(0.03)]);
    }
    assert_eq!(play.run().trades.len(), 3);
}

#[test]
fn broker_where_one_bar_touches_a_part_and_the_stop_the_stop_takes_all() {
    let bars = [FLAT, FLAT, [100.0, 106.0, 94.0, 100.0], FLAT];
    let left = |intrabar| {
        let mut play = Play { size: node("units", [10.0.into()]), ..Play::new(&bars, "e") };
        play.policies.intrabar = intrabar;
        let backtest = play.exit("scale_out", [share(0.5), percent(0.05)]).exit("stop_loss", [percent(0.05)]).run();
        assert!(backtest.trades.iter().all(|trade| trade.ambiguous));
        backtest.trades.iter().map(|trade| (trade.units, trade.exit_price)).collect::<Vec<_>>()
    };
    assert_eq!(left(Intrabar::StopFirst), [(10.0, 95.0)]);
    assert_eq!(left(Intrabar::TargetFirst), [(5.0, 105.0), (5.0, 95.0)]);
}

#[test]
fn broker_conditions_leave_with_parts_once_each() {
    let holds = |bars: &[usize]| Column::from((0..6).map(|bar| f64::from(bars.contains(&bar))).collect::<Vec<_>>());
    let when = |part| node("scale_out_when", [share(part), Condition::constant(true).into()]);
    let mut play = play();
    play.exits = vec![(when(0.5), vec![holds(&[2, 3])]), (when(0.2), vec![holds(&[2])])];
    let expected = [
        (5.0, 1, 100.0, 3, 103.0, by("scale_out_when")),
        (2.0, 1, 100.0, 3, 103.0, by("scale_out_when")),
        (3.0, 1, 100.0, 5, 92.0, ExitReason::EndOfData),
    ];
    assert_eq!(rows(&play.run()), expected);
    // What leaves with all goes before what leaves with a part; so does the side's own exit.
    play.exits.push((node("exit_when", [Condition::constant(true).into()]), vec![holds(&[2])]));
    assert_eq!(rows(&play.run()), [(10.0, 1, 100.0, 3, 103.0, by("exit_when"))]);
    play.exits.pop();
    play.long.rules = "e.x";
    assert_eq!(rows(&play.run()), [(10.0, 1, 100.0, 3, 103.0, ExitReason::Signal)]);
}

#[test]
fn broker_time_and_trailing_stops_go_on_with_the_rest() {
    let play = play().exit("scale_out", [share(0.5), percent(0.03)]);
    let timed = play.clone().exit("time_stop", [2.into()]).run();
    assert_eq!(rows(&timed)[1], (5.0, 1, 100.0, 3, 103.0, by("time_stop")));
    // The highest price since the entry, 108, counts for the rest.
    let trailed = play.exit("trailing_stop", [percent(0.1)]).run();
    assert_eq!(rows(&trailed)[1], (5.0, 1, 100.0, 4, 108.0 * 0.9, by("trailing_stop")));
}

#[test]
fn broker_what_is_added_after_a_part_has_left_keeps_its_own_share() {
    let bars = [FLAT, FLAT, [101.0, 104.0, 100.0, 103.0], [103.0; 4], [120.0; 4], [92.0; 4]];
    let mut play = Play { size: node("units", [10.0.into()]), ..Play::new(&bars, "e.e") };
    play.long.add = 1;
    let play = play.exit("scale_out", [share(0.5), percent(0.03)]);
    let expected = [
        (5.0, 1, 100.0, 2, 103.0, by("scale_out")),
        (5.0, 1, 100.0, 5, 92.0, ExitReason::EndOfData),
        (10.0, 3, 103.0, 5, 92.0, ExitReason::EndOfData),
    ];
    assert_eq!(rows(&play.run()), expected);
    // Added before, it leaves with its share: the target is a tenth above the mean of 101.5.
    let mut play = Play { size: node("units", [10.0.into()]), ..Play::new(&bars, "e.e") };
    play.long.add = 1;
    let parts = rows(&play.exit("scale_out", [share(0.5), percent(0.1)]).run());
    let left: Vec<_> = parts.iter().map(|trade| (trade.0, trade.1, trade.3, trade.4)).collect();
    assert_eq!(left, [(5.0, 1, 4, 120.0), (5.0, 3, 4, 120.0), (5.0, 1, 5, 92.0), (5.0, 3, 5, 92.0)]);
}

#[test]
fn broker_a_target_inside_the_bar_of_a_limits_entry_is_not_sure() {
    let bars = [FLAT, [100.0, 106.0, 94.0, 99.0], FLAT];
    let play = Play { size: node("units", [10.0.into()]), ..Play::new(&bars, "e") };
    let play = play.exit("scale_out", [share(0.5), percent(0.05)]);
    let entry = |order| rows(&play.clone().at(order).run()).iter().map(|trade| (trade.0, trade.3)).collect::<Vec<_>>();
    assert_eq!(entry(OrderPrice::Limit(vec![95.0])), [(5.0, 2), (5.0, 2)], "on the next bar");
    assert_eq!(entry(OrderPrice::Stop(vec![100.5])), [(5.0, 1), (5.0, 2)]);
}

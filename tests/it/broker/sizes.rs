//! Sizes that look at the universe and at the trades so far, worked out by hand.

use std::sync::Arc;

use timeweave::backtest::{Backtest, EntryOrder, Feed, Market, Policies, Setup, SideSignals, simulate};
use timeweave::data::Column;
use timeweave::expr::{Argument, Call, Series};
use timeweave::node::Side;
use timeweave::strategy::Account;

use super::play::{FLAT, Play, node};
use super::rules::{bars, registry};

/// Several instruments at 100 that are bought on their second bar, each with a column for the size.
fn bought(size: &Arc<Call>, columns: &[Vec<f64>]) -> Backtest {
    let rows = [FLAT; 4];
    let all: Vec<_> = columns.iter().map(|_| bars(&[0, 1, 2, 3], &rows)).collect();
    let (enter, size_inputs) = ([false, true, false, false], |column: &Vec<f64>| Column::from(column.clone()).into());
    let market = |(index, column): (usize, &Vec<f64>)| Market {
        feed: Feed::new(format!("test/I{index}").parse().unwrap(), &all[index]),
        long: Some(SideSignals { enter: &enter, exit: None, order: EntryOrder::default() }),
        short: None,
        exit_inputs: Vec::new(),
        size_inputs: if column.is_empty() { Vec::new() } else { vec![size_inputs(column)] },
    };
    let markets: Vec<_> = columns.iter().enumerate().map(market).collect();
    let account = Account { cash: 1_200.0, ..Account::default() };
    let policies = Policies { account, ..Policies::default() };
    let registry = registry();
    let backtest = simulate(&Setup { registry: &registry, exits: &[], size, policies }, &markets).unwrap();
    backtest.check_books().unwrap();
    backtest
}

fn units(backtest: &Backtest) -> Vec<f64> {
    let mut units = vec![0.0; backtest.universe.len()];
    backtest.trades.iter().for_each(|trade| units[trade.instrument] += trade.units);
    units
}

#[test]
fn broker_equal_weight_shares_equity_among_the_universe() {
    assert_eq!(units(&bought(&node("equal_weight", []), &[vec![], vec![], vec![]])), [4.0, 4.0, 4.0]);
}

#[test]
fn broker_inverse_volatility_weighs_by_what_all_were_when_the_signal_came() {
    let volatility = |now: f64| vec![9.0, now, 9.0, 9.0];
    let size = || node("inverse_volatility", [Series::constant(1.0).into()]);
    // 1/1, 1/2 and 1/2 of two: a half, and a quarter each of 1,200.
    assert_eq!(units(&bought(&size(), &[1.0, 2.0, 2.0].map(volatility))), [6.0, 3.0, 3.0]);
    // What is not known takes no share.
    let backtest = bought(&size(), &[1.0, f64::NAN, 2.0].map(volatility));
    assert_eq!(units(&backtest), [8.0, 0.0, 4.0]);
    assert!(backtest.refusals()[0].0.ends_with("on the bar of the signal"), "{:?}", backtest.refusals());
    // A cap on it.
    let fraction = Argument::record([("max", Argument::Percent(0.4))]);
    let capped = node("inverse_volatility", [Series::constant(1.0).into(), fraction]);
    assert_eq!(units(&bought(&capped, &[1.0, 2.0, 2.0].map(volatility))), [4.8, 3.0, 3.0]);
}

#[test]
fn broker_a_volatility_target_is_of_the_bar_of_the_signal() {
    let arguments: [Argument; 3] = [Argument::Percent(0.32), Series::constant(1.0).into(), 256.into()];
    // 32 % a year is 2 % a bar; at 4 % a bar that is half of 1,200.
    assert_eq!(units(&bought(&node("volatility_target", arguments), &[vec![0.1, 0.04, 0.1, 0.1]])), [6.0]);
}

#[test]
fn broker_kelly_goes_by_the_trades_that_closed_before() {
    // Long for two bars each: 100 to 120, 100 to 90, then twice more at 100.
    let prices = [100.0, 100.0, 120.0, 100.0, 100.0, 90.0, 100.0, 100.0, 100.0, 100.0];
    let rows = prices.map(|price| [price; 4]);
    let arguments = |start: f64| {
        let settings = [("trades", 2.into()), ("start", Argument::Percent(start))];
        [Argument::Percent(0.5), Argument::record(settings)]
    };
    let mut play = Play::new(&rows, "ex.ex.ex");
    play.size = node("kelly", arguments(0.1));
    let trades = play.run().trades;
    assert_eq!(trades.iter().map(|trade| trade.side).collect::<Vec<_>>(), [Side::Long; 3]);
    // A tenth of 10,000 earns 200; a tenth of 10,200 loses 102.
    let equity = 10_000.0 + 200.0 - 102.0;
    // Half won; 0.2 won for 0.1 lost: 1/2 - 1/2 / 2 = 1/4, of which half.
    let expected = [10.0, 10.2, 0.125 * equity / 100.0];
    assert!(trades.iter().zip(expected).all(|(trade, units)| (trade.units - units).abs() < 1e-9), "{trades:?}");
    play.size = node("kelly", arguments(0.0));
    assert!(play.run().trades.is_empty(), "where nothing is to be traded before, nothing ever is");
}

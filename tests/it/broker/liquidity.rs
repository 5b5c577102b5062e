//! Orders that are larger than what a bar's volume lets fill, worked out by hand.

use timeweave::backtest::{Backtest, Entry, ExitReason, Policies, Request, RequestAction, Trigger};
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, GoodFor};

use super::costs::{buy, close, order, run};
use super::rules::bars_with_volume;

const FLAT: [f64; 4] = [100.0; 4];

/// A tenth of each bar's volume fills.
fn tenth(rows: &[[f64; 4]], volume: &[f64], requests: &[Request]) -> Backtest {
    let costs = Costs { volume_limit: Some(0.1), ..Costs::default() };
    let days: Vec<i64> = (0..rows.len() as i64).collect();
    run(Policies { costs, ..Policies::default() }, &bars_with_volume(&days, rows, volume), requests)
}

/// Entry bar, exit bar, units and exit price of each trade.
fn trades(backtest: &Backtest) -> Vec<(usize, usize, f64, f64)> {
    backtest.trades.iter().map(|t| (t.entry_bar, t.exit_bar, t.units, t.exit_price)).collect()
}

#[test]
fn liquidity_a_market_order_goes_on_at_the_next_opens() {
    let volume = [0.0, 40.0, 0.0, 30.0, 100.0, 60.0, 100.0];
    let backtest = tenth(&[FLAT; 7], &volume, &[buy(0, 10.0), close(4)]);
    // In: 4, none, 3, then 3 of 10. Out: 6, then 4.
    assert_eq!(trades(&backtest), [(1, 5, 4.0, 100.0), (3, 5, 2.0, 100.0), (3, 6, 1.0, 100.0), (4, 6, 3.0, 100.0)]);
    assert_eq!(backtest.exposure, [0.0, 400.0, 400.0, 700.0, 1_000.0, 400.0, 0.0]);
    assert!(backtest.trades.iter().all(|trade| trade.reason == ExitReason::Signal));
    assert!(backtest.refusals().is_empty());
}

#[test]
fn liquidity_what_is_not_entered_yet_is_given_up_with_the_position() {
    let backtest = tenth(&[FLAT; 5], &[50.0; 5], &[buy(0, 100.0), close(2)]);
    assert_eq!(trades(&backtest), [(1, 3, 5.0, 100.0), (2, 4, 5.0, 100.0)]);
    assert_eq!(backtest.exposure, [0.0, 500.0, 1_000.0, 500.0, 0.0]);
}

#[test]
fn liquidity_a_limit_goes_on_at_its_price_and_as_long_as_it_is_good_for() {
    let low = [100.0, 100.0, 94.0, 100.0];
    let rows = [FLAT, low, FLAT, low, low, FLAT];
    let entry = |good_for| Entry { trigger: Trigger::Limit(95.0), good_for, ..Entry::market(Side::Long, 20.0) };
    let entered = |good_for| {
        let backtest = tenth(&rows, &[50.0; 6], &[order(0, entry(good_for))]);
        backtest.trades.iter().map(|t| (t.entry_bar, t.entry_price, t.units)).collect::<Vec<_>>()
    };
    assert_eq!(entered(GoodFor::Ever), [(1, 95.0, 5.0), (3, 95.0, 5.0), (4, 95.0, 5.0)]);
    assert_eq!(entered(GoodFor::Bars(3)), [(1, 95.0, 5.0), (3, 95.0, 5.0)]);
}

#[test]
fn liquidity_a_stop_goes_on_at_market_and_a_target_waits_at_its_price() {
    let (fall, rise) = ([100.0, 100.0, 94.0, 97.0], [100.0, 106.0, 100.0, 103.0]);
    let protected = |entry: Entry| Entry { stop: Some(95.0), target: Some(105.0), ..entry };
    let bought = protected(Entry::market(Side::Long, 10.0));
    let volume = [100.0, 100.0, 40.0, 100.0, 100.0];
    let stopped = tenth(&[FLAT, FLAT, fall, [98.0; 4], FLAT], &volume, &[order(0, bought)]);
    assert_eq!(trades(&stopped), [(1, 2, 4.0, 95.0), (1, 3, 6.0, 98.0)]);
    let taken = tenth(&[FLAT, FLAT, rise, [103.0; 4], rise], &volume, &[order(0, bought)]);
    assert_eq!(trades(&taken), [(1, 2, 4.0, 105.0), (1, 4, 6.0, 105.0)]);
    let by = |name: &str| ExitReason::Exit(name.into());
    assert!(stopped.trades.iter().all(|trade| trade.reason == by("stop_loss")));
    assert!(taken.trades.iter().all(|trade| trade.reason == by("take_profit")));
    // Where nothing can be traded, a stop that was touched is a market order all the same.
    let without = tenth(&[FLAT, FLAT, fall, FLAT, FLAT], &[100.0, 100.0, 0.0, 0.0, 70.0], &[order(0, bought)]);
    assert_eq!(trades(&without), [(1, 4, 7.0, 100.0), (1, 4, 3.0, 100.0)]);
    assert_eq!(without.trades[1].reason, ExitReason::EndOfData);
}

#[test]
fn liquidity_an_order_of_the_other_side_waits_until_the_position_is_closed() {
    let volume = [100.0, 100.0, 60.0, 60.0, 60.0, 60.0];
    let short = order(1, Entry::market(Side::Short, 5.0));
    let backtest = tenth(&[FLAT; 6], &volume, &[buy(0, 10.0), close(1), short]);
    let sides: Vec<_> = backtest.trades.iter().map(|t| (t.side, t.entry_bar, t.exit_bar, t.units)).collect();
    let long = Side::Long;
    // 6, then 4 and the first 2 of the short, then its other 3.
    let expected = [(long, 1, 2, 6.0), (long, 1, 3, 4.0), (Side::Short, 3, 5, 2.0), (Side::Short, 4, 5, 3.0)];
    assert_eq!(sides, expected);
    // A larger order the other way closes first, and opens what is left.
    let netted = tenth(&[FLAT; 6], &volume, &[buy(0, 10.0), order(1, Entry::market(Side::Short, 13.0))]);
    let sides: Vec<_> = netted.trades.iter().map(|t| (t.side, t.entry_bar, t.exit_bar, t.units)).collect();
    let expected = [(long, 1, 2, 6.0), (long, 1, 3, 4.0), (Side::Short, 3, 5, 2.0), (Side::Short, 4, 5, 1.0)];
    assert_eq!(sides, expected);
}

#[test]
fn liquidity_whole_lots_fill() {
    let costs = Costs { volume_limit: Some(0.1), ..Costs::default() };
    let account = Account { lot: 2.0, ..Account::default() };
    let bars = bars_with_volume(&[0, 1, 2, 3, 4], &[FLAT; 5], &[0.0, 55.0, 19.0, 100.0, 100.0]);
    let cancel = Request { instrument: 0, bar: 3, action: RequestAction::Cancel };
    let backtest = run(Policies { costs, account, ..Policies::default() }, &bars, &[buy(0, 20.0), cancel]);
    // 5.5 are 4, 1.9 none, 10 are 10; the other 6 are cancelled.
    assert_eq!(trades(&backtest), [(1, 4, 4.0, 100.0), (3, 4, 10.0, 100.0)]);
}

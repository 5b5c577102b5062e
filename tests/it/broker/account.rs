//! Margin, caps and minimum sizes, worked out by hand.

use timeweave::backtest::{Backtest, Entry, ExitReason, Feed, Policies, Request, RequestAction, replay};
use timeweave::node::Side;
use timeweave::strategy::Account;

use super::costs::{buy, order, run, sell_short};
use super::rules::bars;

const FLAT: [f64; 4] = [100.0; 4];

fn account(change: impl FnOnce(&mut Account)) -> Policies {
    let mut account = Account { cash: 1_000.0, ..Account::default() };
    change(&mut account);
    Policies { account, ..Policies::default() }
}

fn trade(policies: Policies, rows: &[[f64; 4]], requests: &[Request]) -> Backtest {
    run(policies, &bars(&(0..rows.len() as i64).collect::<Vec<_>>(), rows), requests)
}

fn units(backtest: &Backtest) -> Vec<f64> {
    backtest.trades.iter().map(|trade| trade.units).collect()
}

fn refused(backtest: &Backtest) -> Vec<String> {
    backtest.refusals().into_iter().map(|(why, _)| why).collect()
}

#[test]
fn account_a_margin_call_closes_everything_at_the_next_open_and_trading_goes_on() {
    let leveraged = account(|account| (account.leverage, account.maintenance_margin) = (4.0, 0.25));
    // 40 for 4,000, of which 3,000 are owed. At 100 equity is exactly a quarter; at 99, 960 of 3,960.
    let rows = [FLAT, FLAT, [99.0; 4], [98.0; 4], FLAT, FLAT];
    let backtest = trade(leveraged, &rows, &[buy(0, 40.0), buy(2, 1.0), buy(3, 5.0)]);
    let ends: Vec<_> = backtest.trades.iter().map(|t| (t.entry_bar, t.exit_bar, t.units, t.reason.clone())).collect();
    let expected = [(1, 3, 40.0, ExitReason::MarginCall), (4, 5, 5.0, ExitReason::EndOfData)];
    assert_eq!(ends, expected, "what was asked for at the close of the call is not done");
    let why = "margin call: equity fell below 25 % of the value of what was open, and all was closed";
    assert_eq!(backtest.refusals(), [(why.to_string(), 1)]);
    assert_eq!(*backtest.equity.last().unwrap(), 920.0);
}

#[test]
fn account_a_margin_call_on_a_short_position() {
    let margin = account(|account| account.maintenance_margin = 0.5);
    // Sold at 1,000: equity at a price p is 2,000 - 10 p, half of the value 10 p at 133.33.
    let rows = [FLAT, FLAT, [133.0; 4], [134.0; 4], [135.0; 4], FLAT];
    let backtest = trade(margin, &rows, &[sell_short(0, 10.0)]);
    assert_eq!((backtest.trades[0].exit_bar, backtest.trades[0].exit_price), (4, 135.0));
    assert_eq!(backtest.trades[0].reason, ExitReason::MarginCall);
}

#[test]
fn account_a_margin_call_that_leaves_nothing_ends_trading() {
    let leveraged = account(|account| (account.leverage, account.maintenance_margin) = (4.0, 0.2));
    let rows = [FLAT, FLAT, [90.0; 4], [70.0; 4], FLAT, FLAT];
    let backtest = trade(leveraged, &rows, &[buy(0, 40.0), buy(4, 1.0)]);
    assert_eq!(units(&backtest), [40.0]);
    assert_eq!(*backtest.equity.last().unwrap(), -200.0);
    assert_eq!(backtest.refusals().len(), 2, "{:?}", backtest.refusals());
}

#[test]
fn account_one_position_is_capped() {
    let capped = account(|account| account.max_position = Some(0.25));
    let backtest = trade(capped, &[FLAT; 5], &[buy(0, 4.0), buy(1, 1.0)]);
    assert_eq!(units(&backtest), [2.5]);
    let expected = [
        "test/A: long entry filled in part: max_position allows no more",
        "test/A: long entry not filled: max_position allows none of it",
    ];
    assert_eq!(refused(&backtest), expected);
    // The other way it is free: a short of 2 closes 2 of the 2.5.
    let backtest = trade(capped, &[FLAT; 5], &[buy(0, 2.5), sell_short(1, 2.0)]);
    assert_eq!(units(&backtest), [2.0, 0.5]);
    assert!(backtest.refusals().is_empty());
    let lots = account(|account| (account.max_position, account.lot) = (Some(0.25), 1.0));
    assert_eq!(units(&trade(lots, &[FLAT; 5], &[buy(0, 4.0)])), [2.0]);
}

/// Orders for two instruments, A and B.
fn two(policies: Policies, requests: &[(usize, usize, Side, f64)]) -> Backtest {
    let all = [(); 2].map(|()| bars(&[0, 1, 2, 3], &[FLAT; 4]));
    let feeds = [("test/A", &all[0]), ("test/B", &all[1])].map(|(name, bars)| Feed::new(name.parse().unwrap(), bars));
    let request = |&(instrument, bar, side, units): &(usize, usize, Side, f64)| {
        let action = RequestAction::Enter(Entry::market(side, units));
        Request { instrument, bar, action }
    };
    let backtest = replay(policies, &feeds, &requests.iter().map(request).collect::<Vec<_>>()).unwrap();
    backtest.check_books().unwrap();
    backtest
}

#[test]
fn account_gross_and_net_exposure_are_capped() {
    let orders = [(0, 0, Side::Long, 6.0), (1, 1, Side::Short, 6.0)];
    let gross = two(account(|account| account.max_gross = Some(0.8)), &orders);
    assert_eq!(units(&gross), [6.0, 2.0]);
    assert_eq!(refused(&gross), ["test/B: short entry filled in part: max_gross allows no more"]);
    let net = two(account(|account| (account.max_net, account.leverage) = (Some(0.5), 3.0)), &orders);
    // 500 net long, then 500 + 500 short of nothing: all 6.
    assert_eq!(units(&net), [5.0, 6.0]);
    assert_eq!(refused(&net), ["test/A: long entry filled in part: max_net allows no more"]);
    let twice = [(0, 0, Side::Short, 4.0), (1, 1, Side::Short, 4.0)];
    let net = two(account(|account| account.max_net = Some(0.5)), &twice);
    assert_eq!(units(&net), [4.0, 1.0]);
}

#[test]
fn account_so_many_instruments_are_held_at_a_time() {
    let one = account(|account| account.max_positions = Some(1));
    let orders = [(0, 0, Side::Long, 1.0), (1, 0, Side::Long, 1.0), (0, 1, Side::Long, 1.0)];
    let backtest = two(one, &orders);
    assert_eq!(units(&backtest), [1.0, 1.0]);
    assert!(backtest.trades.iter().all(|trade| trade.instrument == 0));
    assert_eq!(refused(&backtest), ["test/B: long entry not filled: max_positions are held already"]);
}

#[test]
fn account_an_order_below_the_minimum_notional_is_refused() {
    let least = account(|account| account.minimum_notional = 150.0);
    let backtest = trade(least, &[FLAT; 5], &[buy(0, 1.4), buy(1, 1.5)]);
    assert_eq!(units(&backtest), [1.5]);
    assert_eq!(refused(&backtest), ["test/A: long entry not filled: its value is below the minimum notional"]);
    // What is held may be closed, whatever it is worth.
    let backtest =
        trade(least, &[FLAT, FLAT, [50.0; 4], FLAT], &[buy(0, 1.5), order(1, Entry::market(Side::Short, 1.5))]);
    assert_eq!(units(&backtest), [1.5]);
}

//! What trading and holding cost, worked out by hand.

use timeweave::backtest::{Accrual, Backtest, Entry, Feed, Policies, Request, RequestAction, Trigger, replay};
use timeweave::data::Bars;
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Hours, ImpactModel, Tier, Tiers};
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::rules::{bars, bars_with_volume};

const FLAT: [f64; 4] = [100.0; 4];

pub(super) fn order(bar: usize, entry: Entry) -> Request {
    Request { instrument: 0, bar, action: RequestAction::Enter(entry) }
}

pub(super) fn buy(bar: usize, units: f64) -> Request {
    order(bar, Entry::market(Side::Long, units))
}

pub(super) fn sell_short(bar: usize, units: f64) -> Request {
    order(bar, Entry::market(Side::Short, units))
}

pub(super) fn close(bar: usize) -> Request {
    Request { instrument: 0, bar, action: RequestAction::Close(1.0) }
}

pub(super) fn run(policies: Policies, bars: &Bars, requests: &[Request]) -> Backtest {
    let feed = Feed::new("test/A".parse().unwrap(), bars);
    let backtest = replay(policies, &[feed], requests).unwrap();
    backtest.check_books().unwrap();
    backtest
}

fn with(costs: Costs) -> Policies {
    Policies { costs, account: Account { cash: 10_000.0, ..Account::default() }, ..Policies::default() }
}

/// A row of flat bars, a day each.
fn days(count: usize) -> Bars {
    bars(&(0..count as i64).collect::<Vec<_>>(), &vec![FLAT; count])
}

#[track_caller]
fn near(ours: f64, by_hand: f64) {
    assert!((ours - by_hand).abs() <= 1e-9 * by_hand.abs().max(1.0), "{ours}, by hand {by_hand}");
}

#[test]
fn costs_tiers_follow_the_value_traded_in_the_last_30_days() {
    let tier = |above, commission| Tier { above, commission, commission_per_unit: 0.01 };
    let tiers = Tiers::new(&[tier(1_000.0, 0.005), tier(2_500.0, 0.002)]).unwrap();
    let costs = Costs { commission: 0.01, tiers, ..Costs::default() };
    let all: Vec<i64> = vec![0, 1, 2, 3, 33, 34, 35];
    let bars = bars(&all, &[FLAT; 7]);
    // Fills of 1,000 each on days 1, 2, 3, 33, 34 and, at the end, 35.
    let requests = [buy(0, 10.0), close(1), buy(2, 10.0), close(3), buy(4, 10.0)];
    let backtest = run(with(costs), &bars, &requests);
    let commissions: Vec<f64> = backtest.trades.iter().map(|trade| trade.commission).collect();
    let (base, first) = (0.01 * 1_000.0, 0.005 * 1_000.0 + 0.01 * 10.0);
    // Nothing before; then 1,000, which is not above 1,000.
    near(commissions[0], base + base);
    // 2,000 before; then 1,000, for the fills of days 1 and 2 are more than 30 days old.
    near(commissions[1], first + base);
    // 1,000, of day 33; then 2,000.
    near(commissions[2], base + first);
}

#[test]
fn costs_impact_moves_the_price_by_the_share_of_the_volume() {
    let bars = bars_with_volume(&[0, 1, 2, 3], &[FLAT; 4], &[400.0; 4]);
    let price = |impact_model| {
        let costs = Costs { impact: 0.2, impact_model, ..Costs::default() };
        let backtest = run(with(costs), &bars, &[buy(0, 16.0), close(1)]);
        let trade = &backtest.trades[0];
        near(backtest.slippage, 16.0 * (trade.entry_price - trade.exit_price));
        (trade.entry_price, trade.exit_price)
    };
    // 16 of 400: a share of 0.04.
    let (bought, sold) = price(ImpactModel::SquareRoot);
    near(bought, 100.0 * (1.0 + 0.2 * 0.2));
    near(sold, 100.0 * (1.0 - 0.2 * 0.2));
    near(price(ImpactModel::Linear).0, 100.0 * (1.0 + 0.2 * 0.04));
    near(price(ImpactModel::Quadratic).1, 100.0 * (1.0 - 0.2 * 0.0016));
}

#[test]
fn costs_impact_counts_what_filled_in_the_bar_before_and_never_overdraws() {
    let bars = bars_with_volume(&[0, 1, 2], &[FLAT; 3], &[100.0; 3]);
    let costs = Costs { impact: 0.1, impact_model: ImpactModel::Linear, ..Costs::default() };
    let backtest = run(with(costs), &bars, &[buy(0, 10.0), buy(0, 10.0)]);
    near(backtest.trades[0].entry_price, 101.0);
    near(backtest.trades[1].entry_price, 102.0);
    // As much as cash allows at the price of 100; at that of 110 it allows less.
    let backtest = run(with(costs), &bars, &[buy(0, 1e6)]);
    near(backtest.trades[0].entry_price, 110.0);
    near(backtest.trades[0].units, 10_000.0 / 110.0);
    assert!(backtest.cash.iter().all(|cash| *cash >= 0.0));
    // A limit makes its price.
    let limit = Entry { trigger: Trigger::Limit(100.0), ..Entry::market(Side::Long, 10.0) };
    assert_eq!(run(with(costs), &bars, &[order(0, limit)]).trades[0].entry_price, 100.0);
}

#[test]
fn costs_slippage_as_a_series_is_that_of_the_last_close() {
    let bars = days(5);
    let run = |slippage: &[f64], requests: &[Request]| {
        let feed = Feed { slippage: Some(slippage), ..Feed::new("test/A".parse().unwrap(), &bars) };
        replay(with(Costs::default()), &[feed], requests).unwrap()
    };
    let backtest = run(&[0.5, 9.0, 0.25, 9.0, 9.0], &[buy(0, 1.0), close(2)]);
    assert_eq!((backtest.trades[0].entry_price, backtest.trades[0].exit_price), (100.5, 99.75));
    assert_eq!(backtest.slippage, 0.75);
    // Where it is not known, the last one that was; where none was, there is no entry.
    let backtest = run(&[0.5, f64::NAN, f64::NAN, 9.0, 9.0], &[buy(1, 1.0), close(2)]);
    assert_eq!((backtest.trades[0].entry_price, backtest.trades[0].exit_price), (100.5, 99.5));
    let backtest = run(&[f64::NAN; 5], &[buy(0, 1.0)]);
    let why = "test/A: long entry not filled: its slippage was not known on the bar of the signal";
    assert_eq!(backtest.refusals(), [(why.to_string(), 1)]);
    let feed = Feed { slippage: Some(&[0.5]), ..Feed::new("test/A".parse().unwrap(), &bars) };
    let error = replay(Policies::default(), &[feed], &[]).unwrap_err();
    assert_eq!(error.message(), "the slippage of test/A has 1 values for 5 bars");
}

#[test]
fn costs_borrow_is_charged_for_each_day_on_the_value_sold_short() {
    // Sold on day 4, bought back on day 8.
    let rows = [FLAT, FLAT, [100.0, 120.0, 100.0, 120.0], [120.0; 4], [120.0; 4]];
    let bars = bars(&[1, 4, 5, 8, 9], &rows);
    let backtest = run(with(Costs { borrow: 0.365, ..Costs::default() }), &bars, &[sell_short(0, 10.0), close(2)]);
    // A day on 1,000, then three on 1,200.
    let fees: Vec<(usize, f64)> = backtest.accruals.iter().map(|accrual| (accrual.bar, accrual.borrow)).collect();
    assert_eq!(fees.len(), 2);
    assert_eq!([fees[0].0, fees[1].0], [2, 3]);
    near(fees[0].1, 0.001 * 1_000.0);
    near(fees[1].1, 3.0 * 0.001 * 1_200.0);
    assert_eq!(backtest.trades[0].profit, -200.0);
    near(*backtest.equity.last().unwrap(), 10_000.0 - 200.0 - 4.6);
    let long = run(with(Costs { borrow: 0.365, ..Costs::default() }), &bars, &[buy(0, 10.0)]);
    assert!(long.accruals.is_empty());
}

#[test]
fn costs_interest_is_earned_on_cash_that_is_ones_own() {
    let costs = Costs { interest: 0.365, margin_interest: 0.73, ..Costs::default() };
    let interest = |requests: &[Request], leverage| {
        let account = Account { cash: 10_000.0, leverage, ..Account::default() };
        let backtest = run(Policies { costs, account, ..Policies::default() }, &days(4), requests);
        backtest.accruals.iter().map(|accrual| (accrual.interest, accrual.margin_interest)).collect::<Vec<_>>()
    };
    // Nothing is traded: 0.1 % a day, on the interest too.
    let idle = interest(&[], 1.0);
    near(idle[0].0, 10.0);
    near(idle[1].0, 10.01);
    near(idle[2].0, 10.02001);
    // From the second bar on 4,000 are invested.
    let invested = interest(&[buy(0, 40.0)], 1.0);
    near(invested[1].0, 6.01);
    // What a short sale brings earns nothing.
    let short = interest(&[sell_short(0, 40.0)], 1.0);
    near(short[1].0, 10.01);
    // 5,000 are borrowed, at 0.2 % a day.
    let borrowed = interest(&[buy(0, 150.0)], 2.0);
    assert_eq!(borrowed[1].0, 0.0);
    near(borrowed[1].1, 0.002 * (5_000.0 - 10.0));
}

#[test]
fn costs_funding_is_paid_at_its_hours_by_longs_and_received_by_shorts() {
    let hours: Vec<i64> = (0..26).map(|hour| hour * Timestamp::DAY / 24).collect();
    let column = || vec![100.0; 26];
    let fields = [column(), column(), column(), column(), column()];
    let timeframe: Timeframe = "1h".parse().unwrap();
    let bars = Bars::new(timeframe, &Calendar::Continuous, hours, fields).unwrap();
    let costs = Costs { funding: 0.001, ..Costs::default() };
    let paid = |costs, request| {
        let backtest = run(with(costs), &bars, &[request, close(20)]);
        backtest.accruals.iter().map(|accrual| (accrual.bar, accrual.funding)).collect::<Vec<_>>()
    };
    // Held from 8:00 to 21:00: at 8:00 it was not yet.
    assert_eq!(paid(costs, buy(7, 10.0)), [(16, 1.0)]);
    assert_eq!(paid(costs, buy(6, 10.0)), [(8, 1.0), (16, 1.0)]);
    assert_eq!(paid(costs, sell_short(6, 10.0)), [(8, -1.0), (16, -1.0)]);
    let hourly = Costs { funding_hours: Hours::new(0..24), ..costs };
    assert_eq!(paid(hourly, buy(17, 10.0)), [(19, 1.0), (20, 1.0), (21, 1.0)]);
    // Within daily bars, all three hours of a day are paid as the next begins.
    let backtest = run(with(costs), &days(4), &[buy(0, 10.0)]);
    let paid: Vec<Accrual> = backtest.accruals.clone();
    assert_eq!(paid.iter().map(|a| (a.bar, a.funding)).collect::<Vec<_>>(), [(2, 3.0), (3, 3.0)]);
    assert_eq!(backtest.equity, [10_000.0, 10_000.0, 9_997.0, 9_994.0]);
}

#[test]
fn costs_funding_can_ruin_a_position_that_is_paid_in_full() {
    let costs = Costs { funding: 0.1, ..Costs::default() };
    let backtest = run(with(costs), &days(8), &[buy(0, 100.0)]);
    // 3,000 a day; after four days the position of 10,000 owes more than it is worth.
    assert!(backtest.refusals()[0].0.starts_with("the account was stopped at 1970-01-06"), "{:?}", backtest.refusals());
    assert_eq!(backtest.trades[0].exit_bar, 6);
    near(*backtest.equity.last().unwrap(), -5_000.0);
}

#[test]
fn costs_prices_are_rounded_to_the_tick_against_the_trader_and_limits_to_it() {
    let account = Account { cash: 10_000.0, tick: 0.05, ..Account::default() };
    let costs = Costs { slippage: 0.0002, ..Costs::default() };
    let rows = [FLAT, [100.01; 4], [100.01; 4], [100.01, 100.01, 99.0, 99.0], [99.0, 110.0, 99.0, 99.0], FLAT];
    let bars = bars(&[0, 1, 2, 3, 4, 5], &rows);
    let run = |costs, requests: &[Request]| run(Policies { costs, account, ..Policies::default() }, &bars, requests);
    let backtest = run(costs, &[buy(0, 1.0), close(1)]);
    let trade = &backtest.trades[0];
    assert_eq!((trade.entry_price, trade.exit_price), (100.05, 99.95));
    near(backtest.slippage, 0.04 + 0.06);
    // A limit to buy is rounded down, the target of what it bought up.
    let limit = Trigger::Limit(99.99);
    let entry = Entry { trigger: limit, target: Some(104.96), ..Entry::market(Side::Long, 1.0) };
    let backtest = run(Costs::default(), &[order(0, entry)]);
    let trade = &backtest.trades[0];
    assert_eq!((trade.entry_bar, trade.entry_price, trade.exit_bar, trade.exit_price), (3, 99.95, 4, 105.0));
}

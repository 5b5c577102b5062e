//! Explicit orders, worked out by hand: limits, stops, several lots, netting.

use timeweave::backtest::{
    Backtest, Entry, ExitReason, Feed, Policies, Request, RequestAction, Trade, Trigger, replay,
};
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Intrabar};

use super::rules::bars;

pub(super) const FLAT: [f64; 4] = [100.0; 4];

pub(super) fn enter(bar: usize, side: Side, units: f64, trigger: Trigger, guards: [Option<f64>; 2]) -> Request {
    let [stop, target] = guards;
    Request {
        instrument: 0,
        bar,
        action: RequestAction::Enter(Entry { trigger, stop, target, ..Entry::market(side, units) }),
    }
}

pub(super) fn run(policies: Policies, rows: &[[f64; 4]], requests: &[Request]) -> Backtest {
    let bars = bars(&(0..rows.len() as i64).collect::<Vec<_>>(), rows);
    let feed = Feed::new("test/A".parse().unwrap(), &bars);
    let backtest = replay(policies, &[feed], requests).unwrap();
    backtest.check_books().unwrap();
    backtest
}

pub(super) fn fills(backtest: &Backtest) -> Vec<(f64, usize, f64, usize, f64)> {
    let sized = |trade: &Trade| trade.side.sign() * trade.units;
    backtest.trades.iter().map(|t| (sized(t), t.entry_bar, t.entry_price, t.exit_bar, t.exit_price)).collect()
}

#[test]
fn broker_a_limit_fills_at_its_price_or_better_and_waits() {
    let rows = [FLAT, [100.0, 101.0, 96.0, 99.0], [99.0, 99.0, 94.0, 98.0], [90.0, 92.0, 89.0, 91.0]];
    let costs = Costs { spread: 0.1, slippage: 0.1, ..Costs::default() };
    let policies = Policies { costs, ..Policies::default() };
    let limit = |price| [enter(0, Side::Long, 1.0, Trigger::Limit(price), [None, None])];
    let entry = |price| run(policies, &rows, &limit(price)).trades.first().map(|t| (t.entry_bar, t.entry_price));
    assert_eq!(entry(95.0), Some((2, 95.0)), "without spread and slippage");
    assert_eq!(entry(93.0), Some((3, 90.0)), "a gap fills at the open");
    assert_eq!(entry(105.0), Some((1, 100.0)));
    assert_eq!(entry(80.0), None);
    let short = [enter(0, Side::Short, 1.0, Trigger::Limit(100.5), [None, None])];
    assert_eq!(fills(&run(Policies::default(), &rows, &short)), [(-1.0, 1, 100.5, 3, 91.0)]);
}

#[test]
fn broker_a_stop_order_fills_at_its_price_or_worse_with_slippage() {
    let rows = [FLAT, [100.0, 101.0, 96.0, 99.0], [99.0, 106.0, 98.0, 104.0], [110.0; 4]];
    let stop = |price| [enter(0, Side::Long, 1.0, Trigger::Stop(price), [None, None])];
    let entry = |policies, price| fills(&run(policies, &rows, &stop(price)))[0];
    assert_eq!(entry(Policies::default(), 105.0), (1.0, 2, 105.0, 3, 110.0));
    assert_eq!(entry(Policies::default(), 108.0), (1.0, 3, 110.0, 3, 110.0));
    let costs = Costs { slippage: 0.1, ..Costs::default() };
    let slipped = entry(Policies { costs, ..Policies::default() }, 105.0);
    assert_eq!(slipped.2, 105.0 * 1.1);
}

#[test]
fn broker_an_entry_inside_a_bar_is_stopped_in_it_and_gains_only_what_is_sure() {
    let rows = [FLAT, [100.0, 106.0, 93.0, 99.0], [99.0; 4]];
    let one = |trigger, guards, intrabar| {
        let request = [enter(0, Side::Long, 1.0, trigger, guards)];
        let trade = run(Policies { intrabar, ..Policies::default() }, &rows, &request).trades.remove(0);
        assert!(trade.favourable_excursion <= (trade.exit_price.max(99.0) / trade.entry_price - 1.0).max(0.0));
        (trade.exit_bar, trade.exit_price, trade.ambiguous)
    };
    let (stop, target) = ([Some(94.0), None], [None, Some(105.0)]);
    // A buy limit is reached on the way down: the stop below it came after, the target perhaps before.
    let limit = Trigger::Limit(95.0);
    assert_eq!(one(limit, stop, Intrabar::StopFirst), (1, 94.0, false));
    assert_eq!(one(limit, target, Intrabar::StopFirst), (2, 99.0, true));
    assert_eq!(one(limit, target, Intrabar::TargetFirst), (1, 105.0, true));
    // A buy stop is reached on the way up: the target above it came after, the stop perhaps before.
    let above = Trigger::Stop(104.0);
    assert_eq!(one(above, target, Intrabar::StopFirst), (1, 105.0, false));
    assert_eq!(one(above, stop, Intrabar::StopFirst), (1, 94.0, true));
}

#[test]
fn broker_lots_have_stops_of_their_own_and_close_closes_them_all() {
    let rows = [FLAT, FLAT, FLAT, [98.0, 99.0, 94.0, 98.0], [97.0; 4], FLAT];
    let market = |bar, units, guards| enter(bar, Side::Long, units, Trigger::Market, guards);
    let requests = [
        market(0, 1.0, [Some(95.0), None]),
        market(1, 2.0, [Some(90.0), None]),
        market(1, 3.0, [None, None]),
        Request { instrument: 0, bar: 3, action: RequestAction::Close(1.0) },
    ];
    let backtest = run(Policies::default(), &rows, &requests);
    let expected = [(1.0, 1, 100.0, 3, 95.0), (2.0, 2, 100.0, 4, 97.0), (3.0, 2, 100.0, 4, 97.0)];
    assert_eq!(fills(&backtest), expected);
    assert_eq!(backtest.trades[0].reason, ExitReason::Exit("stop_loss".into()));
}

#[test]
fn broker_the_other_side_closes_the_oldest_lots_first() {
    let rows = [FLAT, FLAT, [110.0; 4], [120.0; 4], [130.0; 4]];
    let market = |bar, side, units| enter(bar, side, units, Trigger::Market, [None, None]);
    let requests = [market(0, Side::Long, 10.0), market(1, Side::Short, 4.0), market(2, Side::Short, 10.0)];
    let costs = Costs { commission: 0.01, ..Costs::default() };
    let backtest = run(Policies { costs, ..Policies::default() }, &rows, &requests);
    let expected = [(4.0, 1, 100.0, 2, 110.0), (6.0, 1, 100.0, 3, 120.0), (-4.0, 3, 120.0, 4, 130.0)];
    assert_eq!(fills(&backtest), expected);
    let commissions = [4.0 + 4.4, 6.0 + 7.2, 4.8 + 5.2];
    for (trade, commission) in backtest.trades.iter().zip(commissions) {
        assert!((trade.commission - commission).abs() < 1e-9, "{trade:?}");
    }
}

#[test]
fn broker_leverage_caps_the_sum_of_what_is_open_on_either_side() {
    let market = |bar, side, units| enter(bar, side, units, Trigger::Market, [None, None]);
    let opened = |leverage, side| {
        let account = Account { cash: 1_000.0, leverage, ..Account::default() };
        let requests = [market(0, side, 8.0), market(1, side, 15.0)];
        let backtest = run(Policies { account, ..Policies::default() }, &[FLAT; 4], &requests);
        backtest.trades.iter().map(|trade| trade.units).collect::<Vec<_>>()
    };
    for side in [Side::Long, Side::Short] {
        assert_eq!(opened(1.0, side), [8.0, 2.0]);
        assert_eq!(opened(2.0, side), [8.0, 12.0]);
        assert_eq!(opened(0.5, side), [5.0]);
        assert_eq!(opened(3.0, side), [8.0, 15.0]);
    }
}

#[test]
fn broker_orders_that_make_no_sense_are_named() {
    let bars = bars(&[0, 1], &[FLAT, FLAT]);
    let feed = Feed::new("test/A".parse().unwrap(), &bars);
    let message = |request| replay(Policies::default(), std::slice::from_ref(&feed), &[request]).unwrap_err();
    let no_units = enter(0, Side::Long, 0.0, Trigger::Market, [None, None]);
    assert!(message(no_units).message().starts_with("order 0 cannot be executed"));
    let no_price = enter(0, Side::Long, 1.0, Trigger::Limit(f64::NAN), [None, None]);
    assert!(message(no_price).message().starts_with("order 0 cannot be executed"));
    let elsewhere = Request { instrument: 3, bar: 0, action: RequestAction::Close(1.0) };
    assert_eq!(message(elsewhere).message(), "order 0 trades instrument 3: there are 1");
    let nothing: [Feed<'_>; 0] = [];
    assert!(replay(Policies::default(), &nothing, &[]).is_err());
}

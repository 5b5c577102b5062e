//! Splits and dividends of prices as traded, worked out by hand.

use serde_json::Value;
use timeweave::backtest::{
    Backtest, Entry, ExitReason, Feed, Holding, Policies, Request, RequestAction, Size, Trigger, rebalance, replay,
};
use timeweave::data::{Bars, Catalog, Manifest};
use timeweave::expr::{Argument, Level, Series};
use timeweave::node::Side;
use timeweave::pipeline::{Options, Outcome, evaluate};
use timeweave::report::run_json;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Account, Costs, Every, Fill, Intrabar, Matching, Rebalance};
use timeweave::time::{Calendar, Timeframe};

use super::play::{Play, by, node, percent, rows};
use super::rules::bars;

/// Days on which nothing moves but at splits, with what happens on each: its price, new shares for one, dividend.
fn days(rows: &[(f64, f64, f64)]) -> Bars {
    let prices: Vec<[f64; 4]> = rows.iter().map(|(price, ..)| [*price; 4]).collect();
    with_actions(&prices, &rows.iter().map(|(_, split, dividend)| (*split, *dividend)).collect::<Vec<_>>())
}

fn with_actions(prices: &[[f64; 4]], actions: &[(f64, f64)]) -> Bars {
    let (splits, dividends): (Vec<f64>, Vec<f64>) = actions.iter().copied().unzip();
    let stamps: Vec<i64> = (0..prices.len() as i64).collect();
    bars(&stamps, prices).with_column("split_factor", splits).unwrap().with_column("dividend", dividends).unwrap()
}

fn orders(bars: &Bars, policies: Policies, orders: &[(usize, RequestAction)]) -> Backtest {
    let requests: Vec<Request> =
        orders.iter().map(|(bar, action)| Request { instrument: 0, bar: *bar, action: *action }).collect();
    let backtest = replay(policies, &[Feed::new("test/A".parse().unwrap(), bars)], &requests).unwrap();
    backtest.check_books().unwrap();
    backtest
}

fn account(cash: f64) -> Policies {
    Policies { account: Account { cash, ..Account::default() }, ..Policies::default() }
}

fn market(side: Side, units: f64) -> RequestAction {
    RequestAction::Enter(Entry::market(side, units))
}

fn dividends(backtest: &Backtest) -> Vec<(usize, f64)> {
    backtest.accruals.iter().map(|accrual| (accrual.bar, accrual.dividends)).collect()
}

#[test]
fn actions_split_a_position_and_its_stop() {
    // Bought at 100 with a stop at 90; two for one on the third bar. The stop is at 45 then.
    let prices = [[100.0; 4], [100.0; 4], [50.0, 51.0, 49.0, 50.0], [48.0, 48.0, 44.0, 46.0]];
    let mut play = Play::new(&prices, "e").exit("stop_loss", [percent(0.1)]);
    play.size = node("units", [10.0.into()]);
    let backtest = play.run_on(&with_actions(&prices, &[(1.0, 0.0), (1.0, 0.0), (2.0, 0.0), (1.0, 0.0)]));
    assert_eq!(rows(&backtest), [(20.0, 1, 50.0, 3, 45.0, by("stop_loss"))]);
    assert_eq!(backtest.trades[0].profit, -100.0);
    assert!((backtest.trades[0].adverse_excursion + 0.1).abs() < 1e-12);
    assert!((backtest.trades[0].favourable_excursion - 0.02).abs() < 1e-12);
    assert_eq!(backtest.equity, [10_000.0, 10_000.0, 10_000.0, 9_900.0]);
}

#[test]
fn actions_keep_fractions_of_a_unit() {
    let bars = days(&[(10.0, 1.0, 0.0), (10.0, 1.0, 0.0), (100.0, 0.1, 0.0), (100.0, 1.0, 0.0)]);
    let mut policies = account(1_000.0);
    policies.account.lot = 1.0;
    let backtest = orders(&bars, policies, &[(0, market(Side::Long, 15.0))]);
    assert_eq!((backtest.trades[0].units, backtest.trades[0].entry_price), (1.5, 100.0));
    assert_eq!(backtest.equity, [1_000.0; 4]);
}

#[test]
fn actions_restate_an_order_that_waits() {
    // A limit at 96 for 10 units, made before two for one, is one at 48 for 20, with a stop at 40 in place of 80.
    let prices = [[100.0; 4], [50.0; 4], [50.0, 50.0, 47.0, 49.0], [45.0, 45.0, 39.0, 41.0]];
    let bars = with_actions(&prices, &[(1.0, 0.0), (2.0, 0.0), (1.0, 0.0), (1.0, 0.0)]);
    let limit = Entry { trigger: Trigger::Limit(96.0), stop: Some(80.0), ..Entry::market(Side::Long, 10.0) };
    let backtest = orders(&bars, account(10_000.0), &[(0, RequestAction::Enter(limit))]);
    assert_eq!(rows(&backtest), [(20.0, 2, 48.0, 3, 40.0, by("stop_loss"))]);
    // A share of what is free is the same sum before and after.
    let free = Entry { size: Size::FreeMargin(0.5), ..limit };
    let backtest = orders(&bars, account(9_600.0), &[(0, RequestAction::Enter(free))]);
    assert_eq!(backtest.trades[0].units, 100.0);
}

#[test]
fn actions_settle_a_signals_terms_in_the_shares_of_its_bar() {
    // The signal comes at 100, with a stop 8 below, and risks 1 % of 10,000: 12.5 shares, which are 25 of 50 with
    // a stop 4 below when they are bought.
    let prices = [[100.0; 4], [50.0; 4], [50.0, 50.0, 45.0, 50.0]];
    let bars = with_actions(&prices, &[(1.0, 0.0), (2.0, 0.0), (1.0, 0.0)]);
    let distance = Argument::Level(Level::Distance(Series::constant(1.0)));
    let mut play = Play::new(&prices, "e");
    play.exits.push((node("stop_loss", [distance]), vec![vec![8.0, 4.0, 4.0].into()]));
    play.size = node("risk", [Argument::Percent(0.01)]);
    assert_eq!(rows(&play.run_on(&bars)), [(25.0, 1, 50.0, 2, 46.0, by("stop_loss"))]);
}

#[test]
fn actions_pay_who_was_long_by_who_was_short() {
    let bars = days(&[(100.0, 1.0, 0.0), (100.0, 1.0, 0.0), (98.0, 1.0, 2.0), (98.0, 1.0, 3.0)]);
    for (side, sign) in [(Side::Long, 1.0), (Side::Short, -1.0)] {
        let backtest = orders(&bars, account(10_000.0), &[(0, market(side, 10.0)), (1, RequestAction::Close(1.0))]);
        // Sold on the bar that pays: it was held until then. What is paid later is no longer theirs.
        assert_eq!(dividends(&backtest), [(2, sign * 20.0)]);
        assert_eq!((backtest.trades[0].profit, backtest.trades[0].exit_bar), (sign * -20.0, 2));
        assert_eq!(backtest.equity, [10_000.0; 4], "what is paid is missing from the price");
    }
    // Bought on the bar that pays: too late, though the order was made before.
    let backtest = orders(&bars, account(10_000.0), &[(1, market(Side::Long, 10.0))]);
    assert_eq!(dividends(&backtest), [(3, 30.0)]);
    // Bought at the close before it.
    let same_close = Policies { fill: Fill::SameClose, ..account(10_000.0) };
    let backtest = orders(&bars, same_close, &[(1, market(Side::Long, 10.0))]);
    assert_eq!(dividends(&backtest), [(2, 20.0), (3, 30.0)]);
}

#[test]
fn actions_pay_for_the_new_shares_where_both_fall_on_a_bar() {
    let bars = days(&[(100.0, 1.0, 0.0), (100.0, 1.0, 0.0), (49.0, 2.0, 1.0)]);
    let backtest = orders(&bars, account(10_000.0), &[(0, market(Side::Long, 10.0))]);
    assert_eq!(dividends(&backtest), [(2, 20.0)]);
    assert_eq!((backtest.equity[2], backtest.buy_and_hold[2]), (10_000.0, 10_000.0));
}

#[test]
fn actions_come_after_what_accrued_until_then() {
    // Borrow is charged on 10 shares of 100 for the day before they become 20 of 50.
    let bars = days(&[(100.0, 1.0, 0.0), (100.0, 1.0, 0.0), (50.0, 2.0, 0.0), (50.0, 1.0, 0.0)]);
    let policies = Policies { costs: Costs { borrow: 0.365, ..Costs::default() }, ..account(10_000.0) };
    let backtest = orders(&bars, policies, &[(0, market(Side::Short, 10.0))]);
    let borrowed: Vec<(usize, f64)> = backtest.accruals.iter().map(|accrual| (accrual.bar, accrual.borrow)).collect();
    assert_eq!(borrowed, [(2, 1.0), (3, 1.0)]);
}

#[test]
fn actions_leave_weights_alone() {
    let bars = days(&[(100.0, 1.0, 0.0), (100.0, 1.0, 0.0), (25.0, 4.0, 0.0), (50.0, 1.0, 0.0), (50.0, 1.0, 0.0)]);
    let holding = Holding { feed: Feed::new("test/A".parse().unwrap(), &bars), weights: &[0.5; 5] };
    let when = Rebalance { every: Every::Bars(3), drift: None };
    let backtest = rebalance(account(10_000.0), when, &[holding]).unwrap();
    backtest.check_books().unwrap();
    // 50 shares become 200; worth 10,000 of 15,000 at 50, a quarter of them is sold.
    assert_eq!((backtest.trades[0].units, backtest.trades[0].entry_price), (50.0, 25.0));
    assert_eq!(backtest.trades[0].reason, ExitReason::Rebalance);
    assert_eq!(backtest.equity, [10_000.0, 10_000.0, 10_000.0, 15_000.0, 15_000.0]);
}

#[test]
fn actions_are_refused_where_a_preset_knows_none() {
    let bars = days(&[(100.0, 1.0, 0.0), (50.0, 2.0, 0.0)]);
    for matching in [Matching::BacktestingPy, Matching::Pine, Matching::VectorBt] {
        let policies = Policies { matching, ..account(1_000.0) };
        let error = replay(policies, &[Feed::new("test/A".parse().unwrap(), &bars)], &[]).unwrap_err();
        assert!(error.message().contains("the preset knows no splits and dividends"), "{error}");
        assert!(error.help().unwrap().contains("adjust: \"total\""));
    }
}

#[test]
fn actions_inside_a_bar_are_told_to_its_finer_bars() {
    // Bought on a Monday at 100, with a target at 120 and a stop at 90: at 60 and 45, once two are given for one on
    // Wednesday. Tuesday's 118 and 92 are 59 and 46 and touch neither; Thursday's 61 does, before Friday's 44.
    let week = |rows: [[f64; 4]; 7]| rows;
    let flat = week([[100.0; 4]; 7]);
    let (high, low) = ([100.0, 118.0, 92.0, 100.0], [50.0, 50.0, 44.0, 50.0]);
    let split = week([[100.0; 4], high, [50.0; 4], [50.0, 61.0, 50.0, 50.0], low, [50.0; 4], [50.0; 4]]);
    let after = week([[50.0; 4]; 7]);
    let prices = [flat, split, after].concat();
    // From Monday 1970-01-05.
    let stamps: Vec<i64> = (4..25).collect();
    let splits: Vec<f64> = (0..21).map(|day| if day == 9 { 2.0 } else { 1.0 }).collect();
    let finer = bars(&stamps, &prices).with_column("split_factor", splits).unwrap();
    let weeks = finer.resample(Timeframe::WEEK, &Calendar::Continuous).unwrap();
    let buy = Entry { stop: Some(90.0), target: Some(120.0), ..Entry::market(Side::Long, 10.0) };
    let request = Request { instrument: 0, bar: 0, action: RequestAction::Enter(buy) };
    let run = |intrabar| {
        let feed = Feed { finer: Some(&finer), ..Feed::new("test/A".parse().unwrap(), &weeks) };
        let backtest = replay(Policies { intrabar, ..account(10_000.0) }, &[feed], &[request]).unwrap();
        backtest.check_books().unwrap();
        rows(&backtest)
    };
    assert_eq!(run(Intrabar::FinerBars), [(20.0, 1, 50.0, 1, 60.0, by("take_profit"))]);
    assert_eq!(run(Intrabar::StopFirst), [(20.0, 1, 50.0, 1, 45.0, by("stop_loss"))]);
}

/// A strategy that buys and holds what has been split once and has paid twice.
fn adjusted(adjust: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/X")).unwrap();
    std::fs::write(Manifest::path(&folder.path().join("a")), "calendar = \"24x7\"\n").unwrap();
    let mut rows = vec![(100.0, 1.0, 0.0); 10];
    rows.extend([(98.0, 1.0, 2.0), (98.0, 1.0, 0.0), (49.0, 2.0, 0.0), (48.0, 1.0, 1.0), (48.0, 1.0, 0.0)]);
    days(&rows).write_parquet(&folder.path().join("a/X/1d.parquet")).unwrap();
    let text = format!(
        "let day = bars(\"1d\");
        strategy(#{{ universe: \"a/X\", adjust: \"{adjust}\", long: #{{ enter: day.close > 0 }}, size: cash(10_000) }})"
    );
    let registry = standard_registry().unwrap();
    let strategy = compile(&text, "held.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let evaluated = evaluate(strategy, &registry, &catalog, &Options::default(), &mut |_| {}).unwrap();
    evaluated.backtest(&registry).unwrap()
}

#[test]
fn actions_of_a_dataset_follow_from_how_a_script_adjusts_it() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    for (adjust, name, units, price, dividends) in [
        ("none", "None", 200.0, 50.0, 400.0),
        ("splits", "Splits", 200.0, 50.0, 400.0),
        ("total", "Total", 1.0, 1.0, 0.0),
    ] {
        let outcome = adjusted(adjust);
        let trade = &outcome.backtest.trades[0];
        assert!(near(outcome.metrics.trading.dividends, dividends), "{adjust}");
        // 100 shares, or 200 of half the price: nothing is earned, for what is paid is missing from the price.
        assert!(near(*outcome.backtest.equity.last().unwrap(), 100_000.0), "{adjust}");
        assert!(near(*outcome.backtest.buy_and_hold.last().unwrap(), 100_000.0), "{adjust}");
        if adjust != "total" {
            assert!(near(trade.units, units) && near(trade.entry_price, price), "{adjust}: {trade:?}");
        }
        let run: Value = serde_json::from_str(&run_json(&outcome).unwrap()).unwrap();
        assert_eq!(run["adjust"], name);
    }
}

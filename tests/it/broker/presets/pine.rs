//! `preset: "pine"`: scenarios worked by hand from the rules that TradingView documents for its broker
//! emulator (Pine Script User Manual, "Strategies").

use timeweave::backtest::{EntryOrder, ExitReason, Feed, Market, Policies, Setup, SideSignals, Trigger, simulate};
use timeweave::expr::Argument;
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill, Matching};

use crate::broker::orders::{FLAT, enter, fills, run};
use crate::broker::rules::{bars, call, registry};

fn policies() -> Policies {
    Policies { matching: Matching::Pine, ..Policies::default() }
}

#[test]
fn broker_pine_walks_to_the_nearer_extreme_first() {
    let request = [enter(0, Side::Long, 1.0, Trigger::Market, [Some(95.0), Some(105.0)])];
    // The high is 5 away, the low 6: high first, and the target with it.
    let up = run(policies(), &[FLAT, [100.0, 105.0, 94.0, 100.0], FLAT], &request);
    assert_eq!(fills(&up), [(1.0, 1, 100.0, 1, 105.0)]);
    assert!(up.trades[0].ambiguous);
    // The low is nearer.
    let down = run(policies(), &[FLAT, [100.0, 106.0, 95.0, 100.0], FLAT], &request);
    assert_eq!(fills(&down), [(1.0, 1, 100.0, 1, 95.0)]);
    // As far from both: the low first.
    let tie = run(policies(), &[FLAT, [100.0, 105.0, 95.0, 100.0], FLAT], &request);
    assert_eq!(fills(&tie), [(1.0, 1, 100.0, 1, 95.0)]);
}

#[test]
fn broker_pine_fills_what_comes_after_the_entry_on_the_same_way() {
    // Open 100, low 97, high 108, close 104: the limit at 98 fills on the way down, its target at 107
    // on the way up, its stop at 96 never.
    let limit = [enter(0, Side::Long, 1.0, Trigger::Limit(98.0), [Some(96.0), Some(107.0)])];
    let backtest = run(policies(), &[FLAT, [100.0, 108.0, 97.0, 104.0], FLAT], &limit);
    assert_eq!(fills(&backtest), [(1.0, 1, 98.0, 1, 107.0)]);
    // The stop at 105 fills on the way up, after the low: its own stop at 99 lies behind.
    let stop = [enter(0, Side::Long, 1.0, Trigger::Stop(105.0), [Some(99.0), None])];
    let backtest = run(policies(), &[FLAT, [100.0, 108.0, 97.0, 104.0], [104.0; 4]], &stop);
    assert_eq!(fills(&backtest), [(1.0, 1, 105.0, 2, 104.0)]);
    // High first: entered at 105, and stopped on the way down to the low.
    let backtest = run(policies(), &[FLAT, [100.0, 106.0, 90.0, 104.0], [104.0; 4]], &stop);
    assert_eq!(fills(&backtest), [(1.0, 1, 105.0, 1, 99.0)]);
    // A stop-limit is a limit from its stop on: reached at 105, filled at 103 on the way back.
    let stop_limit = [enter(0, Side::Long, 1.0, Trigger::StopLimit { stop: 105.0, limit: 103.0 }, [None, None])];
    let backtest = run(policies(), &[FLAT, [100.0, 106.0, 99.0, 103.5], [102.0; 4]], &stop_limit);
    assert_eq!(fills(&backtest), [(1.0, 2, 102.0, 2, 102.0)]);
    let backtest = run(policies(), &[FLAT, [100.0, 106.0, 99.0, 101.0], [102.0; 4]], &stop_limit);
    assert_eq!(fills(&backtest), [(1.0, 1, 103.0, 2, 102.0)]);
}

#[test]
fn broker_pine_gaps_fill_at_the_open() {
    let held = |guards| [enter(0, Side::Long, 1.0, Trigger::Market, guards)];
    let stopped = run(policies(), &[FLAT, FLAT, [90.0, 99.0, 89.0, 95.0], FLAT], &held([Some(95.0), None]));
    assert_eq!(fills(&stopped), [(1.0, 1, 100.0, 2, 90.0)]);
    let taken = run(policies(), &[FLAT, FLAT, [112.0, 113.0, 99.0, 100.0], FLAT], &held([None, Some(110.0)]));
    assert_eq!(fills(&taken), [(1.0, 1, 100.0, 2, 112.0)]);
}

#[test]
fn broker_pine_slips_market_and_stop_orders_by_ticks_and_no_limits() {
    // Two ticks of 0.25.
    let costs = Costs { slippage_amount: 0.5, ..Costs::default() };
    let slipped = Policies { costs, ..policies() };
    let rows = [FLAT, [100.0, 103.0, 94.0, 95.0], [95.0; 4], [95.0, 111.0, 95.0, 100.0], FLAT];
    let stopped = run(slipped, &rows, &[enter(0, Side::Long, 1.0, Trigger::Market, [Some(96.0), None])]);
    assert_eq!(fills(&stopped), [(1.0, 1, 100.5, 1, 95.5)]);
    let limit = run(slipped, &rows, &[enter(1, Side::Long, 1.0, Trigger::Limit(96.0), [None, Some(110.0)])]);
    assert_eq!(fills(&limit), [(1.0, 2, 95.0, 3, 110.0)]);
    let stop = run(slipped, &rows, &[enter(0, Side::Short, 1.0, Trigger::Stop(97.0), [None, Some(95.0)])]);
    assert_eq!(fills(&stop), [(-1.0, 1, 96.5, 1, 95.0)]);
}

#[test]
fn broker_pine_enters_once_a_side_and_reverses_in_one_order() {
    let rows = [FLAT, FLAT, [110.0; 4], [120.0; 4], [120.0; 4]];
    let requests = [
        enter(0, Side::Long, 3.0, Trigger::Market, [None, None]),
        // Pyramiding is 0: refused.
        enter(1, Side::Long, 3.0, Trigger::Market, [None, None]),
        // Sells the 3 that are held and 2 more.
        enter(2, Side::Short, 2.0, Trigger::Market, [None, None]),
    ];
    let backtest = run(policies(), &rows, &requests);
    assert_eq!(fills(&backtest), [(3.0, 1, 100.0, 3, 120.0), (-2.0, 3, 120.0, 4, 120.0)]);
    assert_eq!(backtest.refusals(), [("test/A: long entry not filled: a position of its side is open".to_string(), 1)]);
}

#[test]
fn broker_pine_sizes_with_equity_and_close_of_the_order() {
    let rows = [[100.0; 4], [110.0, 110.0, 110.0, 110.0], [120.0, 130.0, 120.0, 130.0], [130.0; 4], [130.0; 4]];
    let days: Vec<i64> = (0..rows.len() as i64).collect();
    let bars = bars(&days, &rows);
    let run = |fill| {
        let enter = [true, false, false, false, false];
        let leave = [false, false, true, false, false];
        let market = Market {
            feed: Feed::new("test/A".parse().unwrap(), &bars),
            long: Some(SideSignals { enter: &enter, exit: Some(&leave), order: EntryOrder::default() }),
            short: None,
            exit_inputs: Vec::new(),
            size_inputs: Vec::new(),
        };
        let policies = Policies { account: Account { cash: 1_000.0, ..Account::default() }, fill, ..policies() };
        let (registry, size) = (registry(), call("percent", Argument::Percent(0.5)));
        simulate(&Setup { registry: &registry, exits: &[], size: &size, policies }, &[market]).unwrap()
    };
    // Half of 1,000 at the close of 100, though it fills at 110.
    let next_open = run(Fill::NextOpen);
    assert_eq!(fills(&next_open), [(5.0, 1, 110.0, 3, 130.0)]);
    assert_eq!(next_open.trades[0].reason, ExitReason::Signal);
    // process_orders_on_close: at the close that made it.
    assert_eq!(fills(&run(Fill::SameClose)), [(5.0, 0, 100.0, 2, 130.0)]);
}

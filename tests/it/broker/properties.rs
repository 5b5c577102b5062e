//! What must hold for any bars, any orders and any rules.

use proptest::prelude::*;
use timeweave::backtest::{
    Backtest, Entry, EntryOrder, ExitReason, Feed, GoodFor, Market, Policies, Request, RequestAction, Setup,
    SideSignals, Size, Trade, Trigger, replay, simulate,
};
use timeweave::data::{Bars, Column};
use timeweave::expr::{Argument, Level, Series};
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill, Intrabar, Matching};

use super::rules::{bars, call, registry};

/// Bars on strictly increasing days with gaps, a walk of moves and wicks.
fn any_bars() -> impl Strategy<Value = Bars> {
    let row = (1_i64..4, -0.2_f64..0.2, -0.2_f64..0.2, 0.0_f64..0.1, 0.0_f64..0.1);
    prop::collection::vec(row, 2..60).prop_map(|rows| {
        let (mut day, mut last) = (0, 100.0_f64);
        let mut days = Vec::new();
        let mut prices = Vec::new();
        for (step, gap, change, up, down) in rows {
            day += step;
            let open = last * (1.0 + gap);
            let close = open * (1.0 + change);
            last = close.clamp(1.0, 1e6);
            let close = last;
            days.push(day);
            prices.push([open, open.max(close) * (1.0 + up), open.min(close) * (1.0 - down), close]);
        }
        bars(&days, &prices)
    })
}

fn any_policies() -> impl Strategy<Value = Policies> {
    let costs = (0.0_f64..0.01, 0.0_f64..5.0, 0.0_f64..0.1, 0.0_f64..10.0, 0.0_f64..0.01, 0.0_f64..0.01);
    let lot = prop::sample::select(vec![0.0, 0.1, 1.0]);
    let leverage = prop::sample::select(vec![0.5, 1.0, 3.0]);
    let intrabar = prop::sample::select(vec![Intrabar::StopFirst, Intrabar::TargetFirst, Intrabar::NearestExtreme]);
    let matching =
        prop::sample::select(vec![Matching::Standard, Matching::BacktestingPy, Matching::Pine, Matching::VectorBt]);
    (costs, any::<bool>(), lot, leverage, intrabar, matching, any::<bool>()).prop_map(
        |(
            (commission, fixed, per_unit, minimum, spread, slippage),
            free,
            lot,
            leverage,
            intrabar,
            matching,
            same_close,
        )| {
            let costs = Costs {
                commission,
                commission_fixed: fixed,
                commission_per_unit: per_unit,
                commission_minimum: minimum,
                spread,
                slippage,
                slippage_amount: 0.0,
            };
            Policies {
                costs: if free { Costs::default() } else { costs },
                account: Account { cash: 10_000.0, lot, leverage },
                fill: if same_close { Fill::SameClose } else { Fill::NextOpen },
                intrabar,
                matching,
            }
        },
    )
}

fn any_requests() -> impl Strategy<Value = Vec<Request>> {
    let level = || prop::option::of(20.0_f64..200.0);
    let good_for = prop::sample::select(vec![GoodFor::Ever, GoodFor::Day, GoodFor::Bars(1), GoodFor::Bars(5)]);
    let order = (0..8, 20.0_f64..200.0, 0.9_f64..1.1, good_for, prop::option::of(0..2_usize));
    let action = (any::<bool>(), 0.5_f64..80.0, order, level(), level(), 0..12);
    let action = action.prop_map(|(buy, units, order, stop, target, kind)| match (kind, order) {
        (0, _) => RequestAction::Close(1.0),
        (1, _) => RequestAction::Close(0.4),
        (2, _) => RequestAction::Cancel,
        (_, (trigger, price, other, good_for, group)) => RequestAction::Enter(Entry {
            size: if kind == 3 { Size::FreeMargin(units / 80.0) } else { Size::Units(units) },
            trigger: match trigger {
                0 => Trigger::Limit(price),
                1 => Trigger::Stop(price),
                2 => Trigger::StopLimit { stop: price, limit: price * other },
                3 => Trigger::Trailing { distance: 10.0 * other, stop: price },
                _ => Trigger::Market,
            },
            good_for,
            group,
            stop,
            target,
            ..Entry::market(if buy { Side::Long } else { Side::Short }, units)
        }),
    });
    let request = (0..2_usize, 0..60_usize, action);
    prop::collection::vec(request.prop_map(|(instrument, bar, action)| Request { instrument, bar, action }), 0..25)
}

fn feeds<'a>(all: &'a [Bars; 2], ends: [usize; 2]) -> [Feed<'a>; 2] {
    let feed = |index: usize| Feed::new(["test/A", "test/B"][index].parse().unwrap(), &all[index]);
    [0, 1].map(|index| Feed { end: ends[index], ..feed(index) })
}

fn lengths(all: &[Bars; 2]) -> [usize; 2] {
    [all[0].len(), all[1].len()]
}

/// The instrument's own bar at a place on the timeline.
fn bar_at(all: &[Bars; 2], backtest: &Backtest, instrument: usize, step: usize) -> usize {
    let time = backtest.timestamps[step].0;
    all[instrument].timestamps().iter().position(|t| *t == time).expect("a fill happens on a bar of its instrument")
}

/// Whether orders at a close fill when the next bar is looked at.
fn fills_late(policies: Policies) -> bool {
    policies.matching == Matching::BacktestingPy && policies.fill == Fill::SameClose
}

/// No fill lies outside its bar, before costs.
fn check_fills(all: &[Bars; 2], backtest: &Backtest, policies: Policies) {
    use timeweave::data::Field::{Close, High, Low};
    for trade in &backtest.trades {
        let mut fills = vec![(trade.entry_bar, trade.entry_price)];
        // At the end of the timeline an instrument may have no bar.
        if !matches!(trade.reason, ExitReason::EndOfData | ExitReason::Delisted) {
            fills.push((trade.exit_bar, trade.exit_price));
        }
        for (step, price) in fills {
            let (bars, bar) = (&all[trade.instrument], bar_at(all, backtest, trade.instrument, step));
            let (low, high) = (bars.field(Low)[bar], bars.field(High)[bar]);
            // Under backtesting.py's rules an order that is looked at on this bar may fill at the close
            // before it, and what that order closes may have been entered on this bar.
            let before = bar.checked_sub(1).map(|bar| bars.field(Close)[bar]);
            if fills_late(policies) && step == trade.exit_bar && Some(price) == before {
                continue;
            }
            assert!(low <= price && price <= high, "{price} outside {low}..{high}: {trade:?}");
        }
        assert!(trade.entry_bar <= trade.exit_bar);
        assert!(trade.adverse_excursion <= 0.0 && trade.favourable_excursion >= 0.0);
    }
}

/// What had ended before the truncated data's last instant is as it was, and so is the equity. Where
/// the account learns late of a fill, what had ended before the last bar of its instrument.
fn check_truncated(all: &[Bars; 2], ends: [usize; 2], whole: &Backtest, cut: &Backtest, policies: Policies) {
    let last = cut.timestamps.len().saturating_sub(1);
    let late = fills_late(policies);
    let known = |trade: &Trade| match ends[trade.instrument].checked_sub(1) {
        Some(bar) if late => {
            trade.reason != ExitReason::EndOfData && trade.exit_time < all[trade.instrument].timestamp(bar)
        }
        None if late => false,
        _ => true,
    };
    let before = |backtest: &Backtest| -> Vec<_> {
        backtest.trades.iter().filter(|trade| trade.exit_bar < last && known(trade)).cloned().collect()
    };
    assert_eq!(before(whole), before(cut));
    assert_eq!(whole.equity[..last], cut.equity[..last]);
    assert_eq!(whole.timestamps[..last], cut.timestamps[..last]);
}

/// The bars of each instrument that open at or before one instant.
fn cut_at(all: &[Bars; 2], share: f64) -> [usize; 2] {
    let mut instants: Vec<i64> = all.iter().flat_map(|bars| bars.timestamps().iter().copied()).collect();
    instants.sort_unstable();
    let instant = instants[((instants.len() - 1) as f64 * share) as usize];
    all.each_ref().map(|bars| bars.timestamps().partition_point(|t| *t <= instant))
}

/// Everything a strategy of this file's rules needs of one instrument.
struct Rules {
    flags: [Vec<bool>; 4],
    distance: Column,
}

fn rules(bars: &Bars, seed: u64) -> Rules {
    // Any sequence will do that depends on nothing but the bar.
    let noise = |bar: usize, salt: u64| {
        let x = (bar as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed.wrapping_add(salt);
        (x.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) % 100
    };
    let flags = [(1, 30), (2, 15), (3, 30), (4, 15)];
    let flags = flags.map(|(salt, share)| (0..bars.len()).map(|bar| noise(bar, salt) < share).collect());
    let distance = (0..bars.len()).map(|bar| if noise(bar, 5) < 5 { f64::NAN } else { noise(bar, 6) as f64 * 0.2 });
    Rules { flags, distance: distance.collect() }
}

fn run_rules(all: &[Bars; 2], ends: [usize; 2], policies: Policies, seed: u64, size: usize) -> Backtest {
    let rules = [0, 1].map(|index| rules(&all[index], seed + index as u64));
    let distance = || Argument::Level(Level::Distance(Series::constant(1.0)));
    let exits = [
        call("stop_loss", distance()),
        call("take_profit", Argument::Level(Level::Percent(0.1))),
        call("trailing_stop", distance()),
        call("time_stop", 5),
    ];
    let sizes = [
        call("percent", Argument::Percent(1.0)),
        call("risk", Argument::Percent(0.02)),
        call("units", 20.0),
        call("cash", 4_000.0),
    ];
    let markets = [0, 1].map(|index| {
        let [long, leave_long, short, leave_short] = &rules[index].flags;
        let column = || vec![rules[index].distance.clone().into()];
        let feed = feeds(all, ends)[index].clone();
        Market {
            feed,
            long: Some(SideSignals { enter: long, exit: Some(leave_long), order: EntryOrder::default() }),
            short: Some(SideSignals { enter: short, exit: Some(leave_short), order: EntryOrder::default() }),
            exit_inputs: vec![column(), Vec::new(), column(), Vec::new()],
            size_inputs: Vec::new(),
        }
    });
    let registry = registry();
    simulate(&Setup { registry: &registry, exits: &exits, size: &sizes[size], policies }, &markets).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broker_books_balance_for_any_orders(
        a in any_bars(), b in any_bars(), policies in any_policies(), requests in any_requests(), share in 0.0_f64..1.0,
    ) {
        let all = [a, b];
        let backtest = replay(policies, &feeds(&all, lengths(&all)), &requests).unwrap();
        backtest.check_books().unwrap();
        if policies.costs == Costs::default() {
            check_fills(&all, &backtest, policies);
        }
        for trade in &backtest.trades {
            // Some order for this side was made before; on the bar before, where all are at market.
            let bar = bar_at(&all, &backtest, trade.instrument, trade.entry_bar);
            let at_once = usize::from(policies.fill == Fill::SameClose);
            let made = |request: &Request| match request.action {
                RequestAction::Enter(Entry { side, trigger, .. }) if request.instrument == trade.instrument => {
                    let acts = request.bar + 1 - if trigger == Trigger::Market { at_once } else { 0 };
                    let in_time = if trigger == Trigger::Market { bar == acts } else { bar >= acts };
                    side == trade.side && in_time
                }
                _ => false,
            };
            prop_assert!(requests.iter().any(made), "{trade:?}");
        }
        let ends = cut_at(&all, share);
        let cut = replay(policies, &feeds(&all, ends), &requests).unwrap();
        check_truncated(&all, ends, &backtest, &cut, policies);
    }

    #[test]
    fn broker_books_balance_for_any_rules(
        a in any_bars(), b in any_bars(), policies in any_policies(), seed in 0..u64::MAX - 1, size in 0..4_usize,
        share in 0.0_f64..1.0,
    ) {
        let all = [a, b];
        let backtest = run_rules(&all, lengths(&all), policies, seed, size);
        backtest.check_books().unwrap();
        if policies.costs == Costs::default() {
            check_fills(&all, &backtest, policies);
        }
        for trade in &backtest.trades {
            // Rules are read at the close before the fill (at the same close, where asked).
            let bar = bar_at(&all, &backtest, trade.instrument, trade.entry_bar);
            let signal = if policies.fill == Fill::SameClose { Some(bar) } else { bar.checked_sub(1) };
            let [long, leave_long, short, leave_short] = rules(&all[trade.instrument], seed + trade.instrument as u64).flags;
            let (enter, exit) = if trade.side == Side::Long { (long, leave_long) } else { (short, leave_short) };
            prop_assert!(signal.is_some_and(|signal| enter[signal] && !exit[signal]), "{trade:?}");
        }
        let per_instrument = |instrument| backtest.trades.iter().filter(move |trade| trade.instrument == instrument);
        for instrument in 0..2 {
            let overlap = per_instrument(instrument).zip(per_instrument(instrument).skip(1));
            prop_assert!(overlap.clone().all(|(first, next)| first.exit_bar <= next.entry_bar), "one position at a time");
        }
        let ends = cut_at(&all, share);
        let cut = run_rules(&all, ends, policies, seed, size);
        check_truncated(&all, ends, &backtest, &cut, policies);
    }

    #[test]
    fn broker_cash_is_never_negative_without_leverage_and_shorts(
        a in any_bars(), b in any_bars(), policies in any_policies(), requests in any_requests(),
    ) {
        let mut policies = policies;
        policies.account.leverage = policies.account.leverage.min(1.0);
        // With these, a sale may cost more than it brings.
        (policies.costs.commission_fixed, policies.costs.commission_minimum) = (0.0, 0.0);
        if policies.matching == Matching::BacktestingPy {
            // It pays for the commission at the price without the spread.
            policies.costs.spread = 0.0;
        }
        let long_only = |request: &&Request| !matches!(request.action, RequestAction::Enter(Entry { side: Side::Short, .. }));
        let requests: Vec<Request> = requests.iter().filter(long_only).copied().collect();
        let all = [a, b];
        let backtest = replay(policies, &feeds(&all, lengths(&all)), &requests).unwrap();
        prop_assert!(backtest.cash.iter().all(|cash| *cash >= 0.0), "{:?}", backtest.cash);
    }
}

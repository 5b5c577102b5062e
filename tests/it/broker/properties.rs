//! What must hold for any bars, any orders and any rules.

use std::collections::BTreeSet;

use proptest::prelude::*;
use timeweave::backtest::{
    Backtest, Entry, EntryOrder, ExitReason, Feed, Market, Policies, Request, RequestAction, Setup, SideSignals, Trade,
    Trigger, replay, simulate,
};
use timeweave::data::Field::Close;
use timeweave::data::{Bars, Column};
use timeweave::expr::{Argument, Condition, Level, OrderPrice, Series};
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill, GoodFor, Intrabar};

use super::play::node;
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
    (costs, any::<bool>(), lot, leverage, intrabar, any::<bool>()).prop_map(
        |((commission, fixed, per_unit, minimum, spread, slippage), free, lot, leverage, intrabar, same_close)| {
            let costs = Costs {
                commission,
                commission_fixed: fixed,
                commission_per_unit: per_unit,
                commission_minimum: minimum,
                spread,
                slippage,
            };
            Policies {
                costs: if free { Costs::default() } else { costs },
                account: Account { cash: 10_000.0, lot, leverage },
                fill: if same_close { Fill::SameClose } else { Fill::NextOpen },
                intrabar,
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

/// No fill lies outside its bar, before costs.
fn check_fills(all: &[Bars; 2], backtest: &Backtest) {
    use timeweave::data::Field::{High, Low};
    for trade in &backtest.trades {
        let mut fills = vec![(trade.entry_bar, trade.entry_price)];
        // At the end of the timeline an instrument may have no bar.
        if !matches!(trade.reason, ExitReason::EndOfData | ExitReason::Delisted) {
            fills.push((trade.exit_bar, trade.exit_price));
        }
        for (step, price) in fills {
            let (bars, bar) = (&all[trade.instrument], bar_at(all, backtest, trade.instrument, step));
            let (low, high) = (bars.field(Low)[bar], bars.field(High)[bar]);
            assert!(low <= price && price <= high, "{price} outside {low}..{high}: {trade:?}");
        }
        assert!(trade.entry_bar <= trade.exit_bar);
        assert!(trade.adverse_excursion <= 0.0 && trade.favourable_excursion >= 0.0);
    }
}

/// What had ended before the truncated data's last instant is as it was, and so is the equity.
fn check_truncated(whole: &Backtest, cut: &Backtest) {
    let last = cut.timestamps.len().saturating_sub(1);
    let before = |backtest: &Backtest| -> Vec<_> {
        backtest.trades.iter().filter(|trade| trade.exit_bar < last).cloned().collect()
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
    /// Now and then.
    holds: Column,
    /// Prices near the close, not known on some bars.
    prices: [Vec<f64>; 2],
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
    let holds = (0..bars.len()).map(|bar| f64::from(noise(bar, 7) < 20)).collect();
    let price = |bar: usize, salt: u64| match noise(bar, salt) {
        0..5 => f64::NAN,
        noise => bars.field(Close)[bar] * (0.9 + 0.002 * noise as f64),
    };
    let prices = [8, 9].map(|salt| (0..bars.len()).map(|bar| price(bar, salt)).collect());
    Rules { flags, distance: distance.collect(), holds, prices }
}

/// How a side of any rules enters.
fn order(rules: &Rules, seed: u64) -> EntryOrder<'_> {
    let [first, second] = rules.prices.each_ref().map(Vec::as_slice);
    let price = match seed % 6 {
        0 => Some(OrderPrice::Limit(first)),
        1 => Some(OrderPrice::Stop(first)),
        2 => Some(OrderPrice::StopLimit { stop: first, limit: second }),
        3 => Some(OrderPrice::Trailing(&*rules.distance)),
        _ => None,
    };
    let good_for = [GoodFor::Ever, GoodFor::Day, GoodFor::Bars(3)][(seed / 6 % 3) as usize];
    EntryOrder { price, good_for, add: (seed / 18 % 3) as usize }
}

fn run_rules(all: &[Bars; 2], ends: [usize; 2], policies: Policies, seed: u64, size: usize) -> Backtest {
    let rules = [0, 1].map(|index| rules(&all[index], seed + index as u64));
    let distance = || Argument::Level(Level::Distance(Series::constant(1.0)));
    let exits = [
        call("stop_loss", distance()),
        call("take_profit", Argument::Level(Level::Percent(0.1))),
        call("trailing_stop", distance()),
        call("time_stop", 5),
        node("scale_out", [Argument::Percent(0.5), Argument::Level(Level::Percent(0.04))]),
        node("scale_out_when", [Argument::Percent(0.4), Condition::constant(true).into()]),
    ];
    let sizes = [
        call("percent", Argument::Percent(1.0)),
        call("risk", Argument::Percent(0.02)),
        call("units", 20.0),
        call("cash", 4_000.0),
    ];
    let markets = [0, 1].map(|index| {
        let [long, leave_long, short, leave_short] = &rules[index].flags;
        let (column, holds) = (|| vec![rules[index].distance.clone().into()], rules[index].holds.clone());
        let feed = feeds(all, ends)[index].clone();
        Market {
            feed,
            long: Some(SideSignals { enter: long, exit: Some(leave_long), order: order(&rules[index], seed) }),
            short: Some(SideSignals { enter: short, exit: Some(leave_short), order: order(&rules[index], seed / 54) }),
            exit_inputs: vec![column(), Vec::new(), column(), Vec::new(), Vec::new(), vec![holds.into()]],
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
            check_fills(&all, &backtest);
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
        check_truncated(&backtest, &cut);
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
            check_fills(&all, &backtest);
        }
        for trade in &backtest.trades {
            // Rules are read at the close before the fill (at the same close, where asked).
            let bar = bar_at(&all, &backtest, trade.instrument, trade.entry_bar);
            let rules = rules(&all[trade.instrument], seed + trade.instrument as u64);
            let order = order(&rules, if trade.side == Side::Long { seed } else { seed / 54 });
            let [long, leave_long, short, leave_short] = &rules.flags;
            let (enter, exit) = if trade.side == Side::Long { (long, leave_long) } else { (short, leave_short) };
            let enters = |signal: usize| enter[signal] && !exit[signal];
            let same_close = policies.fill == Fill::SameClose;
            let has_signal = match order.price {
                None if same_close => enters(bar),
                None => bar > 0 && enters(bar - 1),
                // It waited, and on no bar did its side's exit hold.
                Some(_) => (0..bar).rev().take_while(|bar| !exit[*bar]).any(enters),
            };
            prop_assert!(has_signal, "{trade:?}");
        }
        let per_instrument = |instrument| backtest.trades.iter().filter(move |trade| trade.instrument == instrument);
        for instrument in 0..2 {
            let apart = |a: &Trade, b: &Trade| a.exit_bar <= b.entry_bar || b.exit_bar <= a.entry_bar;
            let most = 1 + (seed / 18 % 3).max(seed / 54 / 18 % 3) as usize;
            for trade in per_instrument(instrument) {
                let fits = |other: &Trade| other.side == trade.side || apart(trade, other);
                prop_assert!(per_instrument(instrument).all(fits), "one side at a time: {trade:?}");
                let is_open = |other: &&Trade| (other.entry_bar..other.exit_bar).contains(&trade.entry_bar);
                let entries: BTreeSet<usize> =
                    per_instrument(instrument).filter(is_open).map(|other| other.entry_bar).collect();
                prop_assert!(entries.len() <= most, "{entries:?}");
            }
        }
        let cut = run_rules(&all, cut_at(&all, share), policies, seed, size);
        check_truncated(&backtest, &cut);
    }

    #[test]
    fn broker_cash_is_never_negative_without_leverage_and_shorts(
        a in any_bars(), b in any_bars(), policies in any_policies(), requests in any_requests(),
    ) {
        let mut policies = policies;
        policies.account.leverage = policies.account.leverage.min(1.0);
        // With these, a sale may cost more than it brings.
        (policies.costs.commission_fixed, policies.costs.commission_minimum) = (0.0, 0.0);
        let long_only = |request: &&Request| !matches!(request.action, RequestAction::Enter(Entry { side: Side::Short, .. }));
        let requests: Vec<Request> = requests.iter().filter(long_only).copied().collect();
        let all = [a, b];
        let backtest = replay(policies, &feeds(&all, lengths(&all)), &requests).unwrap();
        prop_assert!(backtest.cash.iter().all(|cash| *cash >= 0.0), "{:?}", backtest.cash);
    }
}
